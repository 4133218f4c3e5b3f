package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// runWitness runs litewitness (the program DIR/litewitness) for the logs with these vkeys, and prints its own vkey. It
// brings what litewitness wants from its operator: a key in an ssh agent, and the logs in its database, which witnessctl
// would put there (witnessctl itself needs modules that the Go proxy does not serve everywhere).
func runWitness(dir, listen, name string, vkeys []string) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	keyring := agent.NewKeyring()
	if err := keyring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		return err
	}
	socket := filepath.Join(dir, "agent.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go agent.ServeAgent(keyring, connection)
		}
	}()
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return err
	}
	database := filepath.Join(dir, "witness.db")
	arguments := []string{"-name", name, "-db", database, "-ssh-agent", socket, "-listen", listen, "-key", ssh.FingerprintSHA256(public)}
	command := exec.Command(filepath.Join(dir, "litewitness"), arguments...)
	stderr, err := command.StderrPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	defer command.Process.Kill()
	lines := bufio.NewScanner(stderr)
	vkey := ""
	for vkey == "" && lines.Scan() {
		fmt.Fprintln(os.Stderr, lines.Text())
		if _, after, found := strings.Cut(lines.Text(), "vkey="); found {
			vkey = strings.Trim(strings.Fields(after)[0], `"`)
		}
	}
	if vkey == "" {
		return fmt.Errorf("litewitness did not start: %v", command.Wait())
	}
	if err := addLogs(database, vkeys); err != nil {
		return err
	}
	fmt.Println(vkey)
	go func() {
		for lines.Scan() {
			fmt.Fprintln(os.Stderr, lines.Text())
		}
	}()
	// Ends with its parent, which holds the other end of this pipe.
	bufio.NewReader(os.Stdin).ReadString('\n')
	return nil
}

func addLogs(database string, vkeys []string) error {
	connection, err := sqlite.OpenConn(database, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	defer connection.Close()
	connection.SetBlockOnBusy()
	for _, vkey := range vkeys {
		origin, _, _ := strings.Cut(vkey, "+")
		empty := "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
		for _, statement := range []struct {
			text string
			args []any
		}{
			{"INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)", []any{origin, empty}},
			{"INSERT INTO key (origin, key) VALUES (?, ?)", []any{origin, vkey}},
		} {
			if err := sqlitex.Execute(connection, statement.text, &sqlitex.ExecOptions{Args: statement.args}); err != nil {
				return err
			}
		}
	}
	return nil
}
