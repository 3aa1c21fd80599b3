package shop

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"time"

	"github.com/floodmark/floodmark/demo-server/goods"
)

// staticSize is the size of a static file, in bytes.
const staticSize = 20_000

// static are the names there are: app.js, and app.v1.js to app.v999.js.
var static = regexp.MustCompile(`^(app|catalogue|hero|logo|style)(\.v[1-9][0-9]{0,2})?\.(css|jpg|js|svg)$`)

// showStatic answers GET /static/{name}: a file of nonsense, the same for a name each
// time. What has a version in its name never changes, and may be kept for a year; other
// names may be kept as long as answers about products.
func (s *Shop) showStatic(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	parts := static.FindStringSubmatch(name)
	if parts == nil {
		return fmt.Errorf("static file %q: %w", name, goods.ErrNotFound)
	}
	h := w.Header()
	if parts[2] != "" {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		s.keepable(h)
	}
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(name))
	h.Set("ETag", `"`+strconv.FormatUint(sum.Sum64(), 36)+`"`)
	h.Set("Content-Type", typeOf(path.Ext(name)))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(nonsense(sum.Sum64())))
	return nil
}

// typeOf returns the type of a file; what the system knows differs from one to another.
func typeOf(extension string) string {
	switch extension {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "image/jpeg"
}

// nonsense returns the bytes of a file: letters, so that nobody's terminal minds.
func nonsense(seed uint64) []byte {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \n"
	source := rand.NewPCG(seed, seed)
	text := make([]byte, 0, staticSize)
	for len(text) < staticSize {
		for bits, n := source.Uint64(), 0; n < 10 && len(text) < staticSize; n++ {
			text = append(text, letters[bits%uint64(len(letters))])
			bits /= uint64(len(letters))
		}
	}
	return text
}
