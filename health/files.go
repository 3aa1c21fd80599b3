package health

import (
	"io/fs"

	"github.com/floodmark/floodmark/measure"
)

// mostCounted bounds how many descriptors are counted one by one.
const mostCounted = 16384

// countFiles returns the open descriptors and their limit, nil where either is not
// known. Since Linux 6.2 the directory's size is their number. Before, they are
// counted as long as they are few enough for a beat: beyond that they are unknown.
func countFiles(r *reader) *measure.Files {
	limit := fileLimit()
	if r.fsys == nil || limit <= 0 {
		return nil
	}
	const dir = "proc/self/fd"
	if info, err := fs.Stat(r.fsys, dir); err == nil && info.Size() > 0 {
		return &measure.Files{Open: info.Size(), Limit: limit}
	}
	n := len(entries(r.fsys, dir, mostCounted))
	if n == 0 || n == mostCounted {
		return nil
	}
	return &measure.Files{Open: int64(n) - 1, Limit: limit} // without the one that was opened to count
}
