package shop

import (
	"fmt"
	"net/http"
	"strconv"
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
	return answer(w, http.StatusOK, found)
}

// showProduct answers GET /api/products/{id}.
func (s *Shop) showProduct(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return invalid(fmt.Sprintf("product: %q is not a number", r.PathValue("id")))
	}
	product, err := s.Store.Product(r.Context(), id)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, product)
}
