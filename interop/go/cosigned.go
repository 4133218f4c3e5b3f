package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"filippo.io/torchwood"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A log that is made here and cosigned by the witness at an address.
type cosignedLog func(ctx context.Context, signer note.Signer, opened func([]byte) error, address, dir, witness string) (map[string]any, error)

var cosignedLogs = map[string]cosignedLog{"sumdb": cosignSumdb, "tessera": cosignTessera}

// runCosigned makes the key of a log, prints its vkey, and goes on when a line comes in: when the witness knows the log.
func runCosigned(ctx context.Context, kind, address, witness, dir string) (map[string]any, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, kind+".interop.test")
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, err
	}
	logVerifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, err
	}
	witnessVerifier, err := torchwood.NewCosignatureVerifier(witness)
	if err != nil {
		return nil, err
	}
	// Whether both the log and the witness signed: note.Open fails on a bad signature by either.
	opened := func(checkpoint []byte) error {
		found, err := note.Open(checkpoint, note.VerifierList(logVerifier, witnessVerifier))
		if err != nil {
			return err
		}
		if len(found.Sigs) != 2 {
			return fmt.Errorf("%d known signatures instead of 2:\n%s", len(found.Sigs), checkpoint)
		}
		for _, signature := range found.Sigs {
			if signature.Name != witnessVerifier.Name() {
				continue
			}
			seconds, err := torchwood.CosignatureTimestamp(signature)
			if err != nil {
				return err
			}
			if age := time.Since(time.Unix(seconds, 0)); age < -5*time.Second || age > 5*time.Minute {
				return fmt.Errorf("a cosignature that is %v old", age)
			}
		}
		return nil
	}
	fmt.Println(vkey)
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return nil, err
	}
	return cosignedLogs[kind](ctx, signer, opened, address, dir, witness)
}

// treeHashes keeps what tlog stores of a tree.
type treeHashes []tlog.Hash

func (hashes treeHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = hashes[index]
	}
	return found, nil
}

func (hashes *treeHashes) add(records int64, name string) error {
	for n := int64(0); n < records; n++ {
		more, err := tlog.StoredHashes(n, fmt.Appendf(nil, "%s %d", name, n), hashes)
		if err != nil {
			return err
		}
		*hashes = append(*hashes, more...)
	}
	return nil
}

// cosignSumdb has the trees of a log like Go's checksum database cosigned. Its first line is not the name of its key.
func cosignSumdb(ctx context.Context, signer note.Signer, opened func([]byte) error, address, _, _ string) (map[string]any, error) {
	const records = 1500
	var hashes, forked treeHashes
	if err := hashes.add(records, "record"); err != nil {
		return nil, err
	}
	if err := forked.add(records, "other"); err != nil {
		return nil, err
	}
	offer := func(tree treeHashes, old, size int64) (signed []byte, answer *http.Response, body []byte, err error) {
		root, err := tlog.TreeHash(size, tree)
		if err != nil {
			return nil, nil, nil, err
		}
		signed, err = note.Sign(&note.Note{Text: string(tlog.FormatTree(tlog.Tree{N: size, Hash: root}))}, signer)
		if err != nil {
			return nil, nil, nil, err
		}
		var request bytes.Buffer
		fmt.Fprintf(&request, "old %d\n", old)
		if old > 0 {
			proof, err := tlog.ProveTree(size, old, tree)
			if err != nil {
				return nil, nil, nil, err
			}
			for _, hash := range proof {
				fmt.Fprintf(&request, "%v\n", hash)
			}
		}
		fmt.Fprintf(&request, "\n%s", signed)
		answer, err = http.Post(address+"/add-checkpoint", "text/plain", &request)
		if err != nil {
			return nil, nil, nil, err
		}
		defer answer.Body.Close()
		body, err = io.ReadAll(answer.Body)
		return signed, answer, body, err
	}
	cosigned := 0
	old := int64(0)
	for _, size := range []int64{1, 1, 2, 3, 64, 65, 255, 256, 257, 1000, records} {
		signed, answer, lines, err := offer(hashes, old, size)
		if err != nil {
			return nil, err
		}
		if answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%d to %d: %s: %s", old, size, answer.Status, lines)
		}
		checkpoint := append(signed, lines...)
		if err := opened(checkpoint); err != nil {
			return nil, fmt.Errorf("%d to %d: %w", old, size, err)
		}
		shown, err := fetchShown(address, "go.sum database tree")
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(shown, checkpoint) {
			return nil, fmt.Errorf("%d: what monitors are shown is not what was cosigned:\n%s", size, shown)
		}
		old = size
		cosigned++
	}
	_, answer, body, err := offer(hashes, 64, 65)
	if err != nil {
		return nil, err
	}
	contentType := answer.Header.Get("Content-Type")
	if answer.StatusCode != http.StatusConflict || contentType != "text/x.tlog.size" || string(body) != fmt.Sprintf("%d\n", old) {
		return nil, fmt.Errorf("an old size: %s, %s, %q", answer.Status, contentType, body)
	}
	_, answer, body, err = offer(forked, old, old)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusUnprocessableEntity {
		return nil, fmt.Errorf("another tree: %s: %s", answer.Status, body)
	}
	return map[string]any{"cosigned": cosigned, "size": old}, nil
}

func fetchShown(address, origin string) ([]byte, error) {
	response, err := http.Get(fmt.Sprintf("%s/%x/checkpoint", address, sha256.Sum256([]byte(origin))))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the checkpoint for monitors: %s", response.Status)
	}
	return io.ReadAll(response.Body)
}

// cosignTessera runs a Tessera log that publishes no checkpoint before the witness has cosigned it.
func cosignTessera(ctx context.Context, signer note.Signer, opened func([]byte) error, address, dir, witness string) (map[string]any, error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	member, err := tessera.NewWitness(witness, at)
	if err != nil {
		return nil, err
	}
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		return nil, err
	}
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(64, 50*time.Millisecond).
		WithCheckpointInterval(time.Second).
		WithWitnesses(tessera.NewWitnessGroup(1, member), &tessera.WitnessOptions{FailOpen: false})
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	if err != nil {
		return nil, err
	}
	awaiter := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 100*time.Millisecond)
	published := map[string]bool{}
	for round := range 3 {
		futures := make([]tessera.IndexFuture, 100)
		for i := range futures {
			futures[i] = appender.Add(ctx, tessera.NewEntry(fmt.Appendf(nil, "entry %d of round %d", i, round)))
		}
		for _, future := range futures {
			_, checkpoint, err := awaiter.Await(ctx, future)
			if err != nil {
				return nil, err
			}
			if err := opened(checkpoint); err != nil {
				return nil, err
			}
			published[strings.Split(string(checkpoint), "\n")[1]] = true
		}
	}
	if err := shutdown(ctx); err != nil {
		return nil, err
	}
	return map[string]any{"cosigned": len(published)}, nil
}
