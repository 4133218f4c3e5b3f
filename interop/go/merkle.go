package main

import (
	"context"
	"fmt"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

type inclusionProof struct {
	Index    uint64   `json:"index"`
	Size     uint64   `json:"size"`
	LeafHash digest   `json:"leaf_hash"`
	Root     digest   `json:"root"`
	Proof    []digest `json:"proof"`
}

type consistencyProof struct {
	From     uint64   `json:"from"`
	To       uint64   `json:"to"`
	FromRoot digest   `json:"from_root"`
	ToRoot   digest   `json:"to_root"`
	Proof    []digest `json:"proof"`
}

// auditMerkle checks the JSON interface's proofs, between many sizes, up to the tree that the log signed.
func auditMerkle(ctx context.Context, url, vkey string) (map[string]any, error) {
	tree, err := openCheckpoint(ctx, url, vkey)
	if err != nil {
		return nil, err
	}
	size, root := uint64(tree.N), tree.Hash[:]
	hasher := rfc6962.DefaultHasher
	inclusions, consistencies := 0, 0
	for index := uint64(0); index < size; index += 1 + size/60 {
		entry, err := get(ctx, fmt.Sprintf("%s/api/v1/entries/%d", url, index))
		if err != nil {
			return nil, err
		}
		var found inclusionProof
		if err := getJSON(ctx, fmt.Sprintf("%s/api/v1/proofs/inclusion?index=%d&size=%d", url, index, size), &found); err != nil {
			return nil, err
		}
		if err := proof.VerifyInclusion(hasher, index, size, hasher.HashLeaf(entry), byteSlices(found.Proof), root); err != nil {
			return nil, fmt.Errorf("inclusion of %d in %d: %w", index, size, err)
		}
		inclusions++
	}
	previous := uint64(1)
	for to := uint64(1); to <= size; to += 1 + size/60 {
		for _, pair := range [][2]uint64{{previous, to}, {to, size}} {
			var found consistencyProof
			if err := getJSON(ctx, fmt.Sprintf("%s/api/v1/proofs/consistency?from=%d&to=%d", url, pair[0], pair[1]), &found); err != nil {
				return nil, err
			}
			toRoot := []byte(found.ToRoot)
			if pair[1] == size {
				toRoot = root
			}
			if err := proof.VerifyConsistency(hasher, pair[0], pair[1], byteSlices(found.Proof), found.FromRoot, toRoot); err != nil {
				return nil, fmt.Errorf("consistency of %d and %d: %w", pair[0], pair[1], err)
			}
			consistencies++
		}
		previous = to
	}
	return map[string]any{"size": size, "inclusions": inclusions, "consistencies": consistencies}, nil
}

// rootOf computes the root over leaves, as transparency-dev/merkle's compact ranges do.
func rootOf(leaves [][]byte) ([]byte, error) {
	hasher := rfc6962.DefaultHasher
	tree := (&compact.RangeFactory{Hash: hasher.HashChildren}).NewEmptyRange(0)
	for _, leaf := range leaves {
		if err := tree.Append(hasher.HashLeaf(leaf), nil); err != nil {
			return nil, err
		}
	}
	return tree.GetRootHash(nil)
}
