package cvat_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
)

func TestSourceCheck(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	require.ErrorContains(t, cvat.Dir(folder).Check(), "holds no pictures")
	picture := filepath.Join(folder, "a.png")
	require.NoError(t, os.WriteFile(picture, nil, 0o600))
	require.ErrorContains(t, cvat.Dir(folder).Check(), "is empty")
	require.NoError(t, os.WriteFile(picture, []byte("picture"), 0o600))
	require.NoError(t, cvat.Dir(folder).Check())

	err := cvat.Files(picture, filepath.Join(folder, "missing.png")).Check()
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorAs(t, err, new(*cvat.ArgumentError))
	require.ErrorAs(t, cvat.Source{}.Check(), new(*cvat.ArgumentError))
}
