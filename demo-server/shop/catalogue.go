package shop

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/goods"
)

// listProducts answers GET /api/products?category=books&page=2.
func (s *Shop) listProducts(w http.ResponseWriter, r *http.Request) error {
	category, page := "", 1
	if r.URL.RawQuery != "" {
		query := r.URL.Query()
		category = query.Get("category")
		if asked := query.Get("page"); asked != "" {
			n, err := strconv.Atoi(asked)
			if err != nil || n < 1 {
				return invalid(fmt.Sprintf("page: %q is not a number from 1", asked))
			}
			page = n
		}
	}
	found, err := s.Store.Products(r.Context(), category, page)
	if err != nil {
		return err
	}
	return s.publish(w, r, found)
}

// showProduct answers GET /api/products/{id}.
func (s *Shop) showProduct(w http.ResponseWriter, r *http.Request) error {
	id, err := productID(r)
	if err != nil {
		return err
	}
	product, err := s.Store.Product(r.Context(), id)
	if err != nil {
		return err
	}
	return s.publish(w, r, product)
}

// setPrice answers PUT /api/products/{id}/price. Everybody who is logged in may do that:
// it is there for writes that caches have to cope with.
func (s *Shop) setPrice(w http.ResponseWriter, r *http.Request, _ customer) error {
	id, err := productID(r)
	if err != nil {
		return err
	}
	var body struct {
		PriceCents int `json:"price_cents"`
	}
	if err := read(w, r, &body); err != nil {
		return err
	}
	if body.PriceCents < 1 || body.PriceCents > goods.MaxPrice {
		return invalid(fmt.Sprintf("price_cents: want 1 to %d, got %d", goods.MaxPrice, body.PriceCents))
	}
	if err := s.Store.SetPrice(r.Context(), id, body.PriceCents); err != nil {
		return err
	}
	return answer(w, http.StatusOK, body)
}

// productID returns the product of the path.
func productID(r *http.Request) (int, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return 0, invalid(fmt.Sprintf("product: %q is not a number", r.PathValue("id")))
	}
	return id, nil
}

// publish answers with what is the same for everybody, so that others may keep it and
// ask whether it has changed.
func (s *Shop) publish(w http.ResponseWriter, r *http.Request, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	sum := fnv.New64a()
	_, _ = sum.Write(text)
	tag := `"` + strconv.FormatUint(sum.Sum64(), 36) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	s.keepable(h)
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	text = append(text, '\n')
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(text) // of which net/http sends nothing in answer to HEAD
	return nil
}

// keepable says for how long an answer may be kept.
func (s *Shop) keepable(h http.Header) {
	if s.CatalogueMaxAge > 0 {
		h.Set("Cache-Control", "public, max-age="+strconv.FormatInt(int64(s.CatalogueMaxAge/time.Second), 10))
	}
}

// matches reports whether a tag is among those that a client has.
func matches(list, tag string) bool {
	for has := range strings.SplitSeq(list, ",") {
		has = strings.TrimPrefix(strings.TrimSpace(has), "W/")
		if has == tag || has == "*" {
			return true
		}
	}
	return false
}
