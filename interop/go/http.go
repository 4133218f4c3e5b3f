package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 32<<20))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s: %s", url, response.Status, body)
	}
	return body, nil
}

func getJSON(ctx context.Context, url string, into any) error {
	body, err := get(ctx, url)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// digest is a hash as Assent's JSON writes it: "sha256:" and 64 hexadecimal digits.
type digest []byte

func (d *digest) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	digits, found := strings.CutPrefix(text, "sha256:")
	if !found || len(digits) != 64 {
		return fmt.Errorf("%q is no digest", text)
	}
	var err error
	*d, err = hex.DecodeString(digits)
	return err
}

func byteSlices(digests []digest) [][]byte {
	slices := make([][]byte, len(digests))
	for i, d := range digests {
		slices[i] = d
	}
	return slices
}
