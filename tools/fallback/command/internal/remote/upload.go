package remote

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// upload writes files over SFTP.
type upload struct{ *sftp.Client }

func newUpload(conn *ssh.Client) (*upload, error) {
	// With concurrent writes a failed copy may leave holes; every file is written whole or again.
	client, err := sftp.NewClient(conn, sftp.UseConcurrentWrites(true))
	if err != nil {
		return nil, err
	}
	return &upload{client}, nil
}

// kind is what stands at a remote path.
type kind int

const (
	nothing kind = iota
	directory
	other
)

func (u *upload) kindOf(remote string) (kind, error) {
	info, err := u.Stat(remote)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nothing, nil
	case err != nil:
		return nothing, fmt.Errorf("failed to stat remote path %s: %w", remote, err)
	case info.IsDir():
		return directory, nil
	}
	return other, nil
}

// text writes content to a remote file.
func (u *upload) text(content, remote string) error {
	switch existing, err := u.kindOf(remote); {
	case err != nil:
		return err
	case existing == directory:
		return fmt.Errorf("remote path %s is a directory; a text asset has no name of its own, "+
			"so its remotePath must be that of a file", remote)
	}
	if err := u.makeParents(remote); err != nil {
		return err
	}
	return u.write(strings.NewReader(content), "text asset", remote)
}

// path copies a local file or directory.
func (u *upload) path(local, remote string) error {
	info, err := os.Stat(local)
	if err != nil {
		return err
	}
	existing, err := u.kindOf(remote)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return u.directory(local, remote, existing)
	}
	switch existing {
	case directory:
		remote = path.Join(remote, filepath.Base(local))
	case nothing:
		if err := u.makeParents(remote); err != nil {
			return err
		}
	}
	return u.file(local, remote)
}

// directory copies what local holds to remote if its path ends in a slash, and to a directory of its
// own name in remote if it does not, whether or not remote was there before.
func (u *upload) directory(local, remote string, existing kind) error {
	if existing == other {
		return fmt.Errorf("remote path %s exists but is not a directory", remote)
	}
	if err := u.MkdirAll(remote); err != nil {
		return fmt.Errorf("failed to create remote directory %s: %w", remote, err)
	}
	if !strings.HasSuffix(local, "/") {
		remote = path.Join(remote, filepath.Base(local))
	}
	return fs.WalkDir(os.DirFS(local), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return u.makeDirectory(path.Join(remote, name))
		}
		return u.file(filepath.Join(local, name), path.Join(remote, name))
	})
}

func (u *upload) makeDirectory(remote string) error {
	switch existing, err := u.kindOf(remote); {
	case err != nil:
		return err
	case existing == directory:
		return nil
	case existing == other:
		return fmt.Errorf("remote path %s exists but is not a directory", remote)
	}
	if err := u.Mkdir(remote); err != nil {
		return fmt.Errorf("failed to create remote directory %s: %w", remote, err)
	}
	return nil
}

func (u *upload) makeParents(remote string) error {
	if err := u.MkdirAll(path.Dir(remote)); err != nil {
		return fmt.Errorf("failed to create parent directories for %s: %w", remote, err)
	}
	return nil
}

func (u *upload) file(local, remote string) error {
	source, err := os.Open(local)
	if err != nil {
		return err
	}
	defer source.Close()
	return u.write(source, "file "+local, remote)
}

func (u *upload) write(content io.Reader, what, remote string) error {
	target, err := u.Create(remote)
	if err != nil {
		return fmt.Errorf("failed to create remote file %s: %w", remote, err)
	}
	_, err = target.ReadFrom(content)
	// The server may report a full disk only when the file is closed.
	if err := errors.Join(err, target.Close()); err != nil {
		return fmt.Errorf("failed to copy %s to remote path %s: %w", what, remote, err)
	}
	return nil
}
