package shop

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/floodmark/floodmark/demo-server/cache"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/observe"
)

// Cached is a store whose catalogue is asked through a cache, under keys such as
// product:7 and page:books:2. The cache's Loader and Writer is the CacheSource of the
// same store.
//
// A new price goes through the cache for the product alone. Pages that show the product
// are behind until their time is over, whatever the strategy.
type Cached struct {
	goods.Store
	Cache *cache.Cache
}

// Product returns the product with the id.
func (c Cached) Product(ctx context.Context, id int) (goods.Product, error) {
	var found goods.Product
	err := c.get(ctx, "product:"+strconv.Itoa(id), &found)
	return found, err
}

// Products returns one page of a category.
func (c Cached) Products(ctx context.Context, category string, page int) (goods.Page, error) {
	var found goods.Page
	err := c.get(ctx, "page:"+category+":"+strconv.Itoa(page), &found)
	return found, err
}

// SetPrice writes the product through the cache, as its strategy has it. It is read the
// same way before that, since a cache keeps whole values.
func (c Cached) SetPrice(ctx context.Context, id, cents int) error {
	product, err := c.Product(ctx, id)
	if err != nil {
		return err
	}
	product.PriceCents = cents
	value, err := json.Marshal(product)
	if err != nil {
		return err
	}
	return c.Cache.Write(ctx, "product:"+strconv.Itoa(id), value)
}

// get reads a value and notes how it went.
func (c Cached) get(ctx context.Context, key string, into any) error {
	mark := new(atomic.Bool)
	value, err := c.Cache.Get(context.WithValue(ctx, loadedKey{}, mark), key)
	if err != nil {
		return err
	}
	how := "hit"
	if mark.Load() {
		how = "miss"
	}
	observe.Note(ctx, "cache", how)
	return json.Unmarshal(value, into)
}

// loadedKey is that of a mark in a context, which says that the context's request has
// loaded its value itself. One that waited for another's load counts as a hit.
type loadedKey struct{}

// A CacheSource reads and writes, for a cache, what a store has.
type CacheSource struct{ Store goods.Store }

// Load returns a product or a page.
func (s CacheSource) Load(ctx context.Context, key string) ([]byte, error) {
	if mark, ok := ctx.Value(loadedKey{}).(*atomic.Bool); ok {
		mark.Store(true)
	}
	kind, rest, _ := strings.Cut(key, ":")
	switch kind {
	case "product":
		id, err := strconv.Atoi(rest)
		if err != nil {
			return nil, fmt.Errorf("cache key %q: %w", key, goods.ErrNotFound)
		}
		product, err := s.Store.Product(ctx, id)
		if err != nil {
			return nil, err
		}
		return json.Marshal(product)
	case "page":
		colon := strings.LastIndexByte(rest, ':') // a category may have one, too
		page, err := strconv.Atoi(rest[colon+1:])
		if err != nil || colon < 0 {
			return nil, fmt.Errorf("cache key %q: %w", key, goods.ErrNotFound)
		}
		found, err := s.Store.Products(ctx, rest[:colon], page)
		if err != nil {
			return nil, err
		}
		return json.Marshal(found)
	}
	return nil, fmt.Errorf("cache key %q: %w", key, goods.ErrNotFound)
}

// Write keeps the price of a product.
func (s CacheSource) Write(ctx context.Context, key string, value []byte) error {
	var product goods.Product
	if err := json.Unmarshal(value, &product); err != nil {
		return fmt.Errorf("cache key %q: %w", key, err)
	}
	return s.Store.SetPrice(ctx, product.ID, product.PriceCents)
}
