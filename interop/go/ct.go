package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	ct "github.com/google/certificate-transparency-go"
	"github.com/google/certificate-transparency-go/client"
	"github.com/google/certificate-transparency-go/jsonclient"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// auditCT reads the log as a client of Certificate Transparency does, with entries as opaque leaves. That client knows no
// Ed25519 keys, so the tree head's signature is checked here, over the bytes that the client serializes.
func auditCT(ctx context.Context, url, vkey string) (map[string]any, error) {
	log, err := client.New(url, http.DefaultClient, jsonclient.Options{UserAgent: "assent-interop"})
	if err != nil {
		return nil, err
	}
	sth, err := log.GetSTH(ctx)
	if err != nil {
		return nil, fmt.Errorf("get-sth: %w", err)
	}
	if err := verifyTreeHead(sth, vkey); err != nil {
		return nil, err
	}
	size, root := sth.TreeSize, sth.SHA256RootHash[:]
	hasher := rfc6962.DefaultHasher
	var leaves [][]byte
	for uint64(len(leaves)) < size {
		page, err := log.GetRawEntries(ctx, int64(len(leaves)), int64(size)-1)
		if err != nil {
			return nil, fmt.Errorf("get-entries from %d: %w", len(leaves), err)
		}
		for _, entry := range page.Entries {
			if len(entry.ExtraData) != 0 {
				return nil, fmt.Errorf("entry %d has extra data", len(leaves))
			}
			leaves = append(leaves, entry.LeafInput)
		}
	}
	if uint64(len(leaves)) != size {
		return nil, fmt.Errorf("get-entries gave %d entries of %d", len(leaves), size)
	}
	proofs := 0
	for index := uint64(0); index < size; index += 1 + size/50 {
		leaf := hasher.HashLeaf(leaves[index])
		byHash, err := log.GetProofByHash(ctx, leaf, size)
		if err != nil {
			return nil, fmt.Errorf("get-proof-by-hash of %d: %w", index, err)
		}
		if uint64(byHash.LeafIndex) != index {
			return nil, fmt.Errorf("entry %d is at %d", index, byHash.LeafIndex)
		}
		if err := proof.VerifyInclusion(hasher, index, size, leaf, byHash.AuditPath, root); err != nil {
			return nil, fmt.Errorf("inclusion of %d: %w", index, err)
		}
		both, err := log.GetEntryAndProof(ctx, index, size)
		if err != nil {
			return nil, fmt.Errorf("get-entry-and-proof of %d: %w", index, err)
		}
		if !bytes.Equal(both.LeafInput, leaves[index]) || !bytes.Equal(bytes.Join(both.AuditPath, nil), bytes.Join(byHash.AuditPath, nil)) {
			return nil, fmt.Errorf("get-entry-and-proof of %d differs", index)
		}
		if index > 0 {
			consistency, err := log.GetSTHConsistency(ctx, index, size)
			if err != nil {
				return nil, fmt.Errorf("get-sth-consistency from %d: %w", index, err)
			}
			older, err := rootOf(leaves[:index])
			if err != nil {
				return nil, err
			}
			if err := proof.VerifyConsistency(hasher, index, size, consistency, older, root); err != nil {
				return nil, fmt.Errorf("consistency of %d: %w", index, err)
			}
		}
		proofs += 3
	}
	return map[string]any{"size": size, "timestamp": sth.Timestamp, "entries": len(leaves), "proofs": proofs}, nil
}

func verifyTreeHead(sth *ct.SignedTreeHead, vkey string) error {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return fmt.Errorf("%q is no vkey", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 {
		return fmt.Errorf("%q is no Ed25519 vkey", vkey)
	}
	// Hash algorithm 8 (intrinsic) and signature algorithm 7 (Ed25519) of TLS (RFC 8422).
	if algorithm := sth.TreeHeadSignature.Algorithm; algorithm.Hash != 8 || algorithm.Signature != 7 {
		return fmt.Errorf("the tree head is signed with %d/%d", algorithm.Hash, algorithm.Signature)
	}
	signed, err := ct.SerializeSTHSignatureInput(*sth)
	if err != nil {
		return err
	}
	if !ed25519.Verify(key[1:], signed, sth.TreeHeadSignature.Signature) {
		return fmt.Errorf("the tree head's signature does not verify")
	}
	return nil
}
