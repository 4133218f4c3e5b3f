package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// openCheckpoint opens the log's checkpoint with sumdb/note, and reads origin, size and root (C2SP tlog-checkpoint).
func openCheckpoint(ctx context.Context, url, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	text, err := get(ctx, url+"/checkpoint")
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("note.Open: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("the checkpoint is not of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// tileReader reads tiles of height 8, which C2SP tlog-tiles leaves out of the path.
type tileReader struct {
	ctx  context.Context
	url  string
	read int
}

func (r *tileReader) Height() int                         { return 8 }
func (r *tileReader) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		body, err := get(r.ctx, r.url+"/"+strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		data[i] = body
		r.read++
	}
	return data, nil
}

// auditSumdb authenticates every record against the signed tree, and proves a sample of them and of older trees.
func auditSumdb(ctx context.Context, url, vkey string) (map[string]any, error) {
	tree, err := openCheckpoint(ctx, url, vkey)
	if err != nil {
		return nil, err
	}
	tiles := &tileReader{ctx: ctx, url: url}
	hashes := tlog.TileHashReader(tree, tiles)
	for first := int64(0); first < tree.N; first += 256 {
		records, err := readBundle(ctx, url, first/256, min(256, tree.N-first))
		if err != nil {
			return nil, err
		}
		indexes := make([]int64, len(records))
		for i := range records {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		stored, err := hashes.ReadHashes(indexes)
		if err != nil {
			return nil, err
		}
		for i, record := range records {
			if tlog.RecordHash(record) != stored[i] {
				return nil, fmt.Errorf("record %d is not the one in the tree", first+int64(i))
			}
		}
	}
	proofs := 0
	for n := int64(0); n < tree.N; n += 1 + tree.N/50 {
		proof, err := tlog.ProveRecord(tree.N, n, hashes)
		if err != nil {
			return nil, err
		}
		leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, n)})
		if err != nil {
			return nil, err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, leaf[0]); err != nil {
			return nil, err
		}
		older, err := tlog.TreeHash(n+1, hashes)
		if err != nil {
			return nil, err
		}
		consistency, err := tlog.ProveTree(tree.N, n+1, hashes)
		if err != nil {
			return nil, err
		}
		if err := tlog.CheckTree(consistency, tree.N, tree.Hash, n+1, older); err != nil {
			return nil, err
		}
		proofs += 2
	}
	return map[string]any{"size": tree.N, "records": tree.N, "tiles": tiles.read, "proofs": proofs}, nil
}

// readBundle reads an entry bundle: records, each after its length in two bytes, big-endian.
func readBundle(ctx context.Context, url string, n, width int64) ([][]byte, error) {
	path := strings.Replace(tlog.Tile{H: 8, L: -1, N: n, W: int(width)}.Path(), "tile/8/data/", "tile/entries/", 1)
	data, err := get(ctx, url+"/"+path)
	if err != nil {
		return nil, err
	}
	var records [][]byte
	for len(data) >= 2 {
		length := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+length {
			break
		}
		records = append(records, data[2:2+length])
		data = data[2+length:]
	}
	if len(data) != 0 || int64(len(records)) != width {
		return nil, fmt.Errorf("%s holds %d records and %d bytes more, not %d records", path, len(records), len(data), width)
	}
	return records, nil
}
