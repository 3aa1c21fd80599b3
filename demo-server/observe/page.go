package observe

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// maxPage bounds what is read of a page, in bytes: a server has about 2 kB for each of
// its endpoints.
const maxPage = 16 << 20

// WritePage answers a request for metrics, in the text format of Prometheus.
func WritePage(w http.ResponseWriter, r *http.Request, families []*dto.MetricFamily) {
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	w.Header().Set("Content-Type", string(format))
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	encoder := expfmt.NewEncoder(w, format)
	for _, family := range Merge(families) {
		if encoder.Encode(family) != nil {
			return // the client is gone
		}
	}
}

// ReadPage reads a page that WritePage has written, in the order of the families' names.
// A page of more than 16 MiB is refused.
func ReadPage(r io.Reader) ([]*dto.MetricFamily, error) {
	page, err := io.ReadAll(io.LimitReader(r, maxPage+1))
	if err != nil {
		return nil, fmt.Errorf("page of metrics: %w", err)
	}
	if len(page) > maxPage {
		return nil, fmt.Errorf("page of metrics: more than %d MiB", maxPage>>20)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	named, err := parser.TextToMetricFamilies(bytes.NewReader(page))
	if err != nil {
		return nil, fmt.Errorf("page of metrics: %w", err)
	}
	families := make([]*dto.MetricFamily, 0, len(named))
	for _, family := range named {
		families = append(families, family)
	}
	slices.SortFunc(families, func(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return families, nil
}
