package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

// auditTessera runs Tessera's fsck over the whole log, and checks proofs that its client makes from our tiles.
func auditTessera(ctx context.Context, address, vkey string) (map[string]any, error) {
	root, err := url.Parse(address + "/")
	if err != nil {
		return nil, err
	}
	fetcher, err := client.NewHTTPFetcher(root, nil)
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, err
	}
	origin := verifier.Name()
	if err := fsck.New(origin, verifier, fetcher, hashBundle, fsck.Opts{N: 2}).Check(ctx); err != nil {
		return nil, fmt.Errorf("fsck: %w", err)
	}
	checkpoint, _, _, err := client.FetchCheckpoint(ctx, fetcher.ReadCheckpoint, verifier, origin)
	if err != nil {
		return nil, err
	}
	size := checkpoint.Size
	builder, err := client.NewProofBuilder(ctx, size, fetcher.ReadTile)
	if err != nil {
		return nil, err
	}
	proofs := 0
	for index := uint64(0); index < size; index += 1 + size/50 {
		inclusion, err := builder.InclusionProof(ctx, index)
		if err != nil {
			return nil, err
		}
		bundle, err := client.GetEntryBundle(ctx, fetcher.ReadEntryBundle, index/256, size)
		if err != nil {
			return nil, err
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(bundle.Entries[index%256])
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, leaf, inclusion, checkpoint.Hash); err != nil {
			return nil, fmt.Errorf("inclusion of %d: %w", index, err)
		}
		proofs++
	}
	// Our own proof of inclusion must be the very one that Tessera makes from the tiles.
	for _, index := range []uint64{0, size / 2, size - 1} {
		theirs, err := builder.InclusionProof(ctx, index)
		if err != nil {
			return nil, err
		}
		var ours inclusionProof
		if err := getJSON(ctx, fmt.Sprintf("%s/api/v1/proofs/inclusion?index=%d&size=%d", address, index, size), &ours); err != nil {
			return nil, err
		}
		if !bytes.Equal(bytes.Join(theirs, nil), bytes.Join(byteSlices(ours.Proof), nil)) {
			return nil, fmt.Errorf("Tessera proves entry %d in another way", index)
		}
	}
	return map[string]any{"size": size, "proofs": proofs}, nil
}

func hashBundle(data []byte) ([][]byte, error) {
	bundle := &api.EntryBundle{}
	if err := bundle.UnmarshalText(data); err != nil {
		return nil, err
	}
	hashes := make([][]byte, 0, len(bundle.Entries))
	for _, entry := range bundle.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, nil
}
