// Command interop audits a running Assent log with code that nobody at Assent wrote. Each check ends with code 0 and one
// JSON object that says how much it saw, or with code 1 and the reason.
//
//	interop sumdb   URL VKEY   golang.org/x/mod: sumdb/note opens the checkpoint, sumdb/tlog reads records through tiles
//	interop tessera URL VKEY   transparency-dev/tessera: fsck of the whole log, proofs made by its client
//	interop merkle  URL VKEY   transparency-dev/merkle: the proofs of the JSON interface
//	interop ct      URL VKEY   certificate-transparency-go: tree heads, entries and proofs of RFC 6962
//	interop witness DIR LISTEN NAME VKEY...   prepares and runs FiloSottile's litewitness (see witness.go)
//
// And it makes logs that "assent witness" cosigns, whose cosignatures that code then verifies (see cosigned.go). It prints a vkey
// first, and goes on after a line on its standard input, when the witness knows that log.
//
//	interop cosigned sumdb   URL WITNESS-VKEY DIR   golang.org/x/mod: a log like Go's checksum database
//	interop cosigned tessera URL WITNESS-VKEY DIR   transparency-dev/tessera: a log in DIR that waits for the witness
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

type audit func(ctx context.Context, url, vkey string) (map[string]any, error)

var audits = map[string]audit{"sumdb": auditSumdb, "tessera": auditTessera, "merkle": auditMerkle, "ct": auditCT}

func main() {
	if len(os.Args) > 4 && os.Args[1] == "witness" {
		exitOn(runWitness(os.Args[2], os.Args[3], os.Args[4], os.Args[5:]))
		return
	}
	if len(os.Args) == 6 && os.Args[1] == "cosigned" && cosignedLogs[os.Args[2]] != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		seen, err := runCosigned(ctx, os.Args[2], os.Args[3], os.Args[4], os.Args[5])
		exitOn(err)
		exitOn(json.NewEncoder(os.Stdout).Encode(seen))
		return
	}
	if len(os.Args) != 4 || audits[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: interop sumdb|tessera|merkle|ct URL VKEY")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	seen, err := audits[os.Args[1]](ctx, os.Args[2], os.Args[3])
	exitOn(err)
	exitOn(json.NewEncoder(os.Stdout).Encode(seen))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
