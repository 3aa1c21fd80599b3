package gateway

import (
	"container/list"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// overhead is what an entry takes beside its texts, about, in bytes.
const overhead = 512

// A cache keeps answers until they expire, and the least recently used of them only
// while there is room. Any number of goroutines may use it at once.
type cache struct {
	most int // bytes

	mu    sync.Mutex
	bytes int
	byKey map[string]*list.Element // of *kept
	order *list.List               // most recently used first
}

// A kept is an answer in the cache. Nobody changes it.
type kept struct {
	key       string
	header    http.Header
	body      []byte
	at, until time.Time
}

func newCache(most int) *cache {
	return &cache{most: most, byKey: make(map[string]*list.Element), order: list.New()}
}

// weight returns how much room an answer takes, in bytes.
func (k *kept) weight() int {
	total := overhead + len(k.key) + len(k.body)
	for name, values := range k.header {
		for _, value := range values {
			total += len(name) + len(value)
		}
	}
	return total
}

// get returns the answer under a key, or nil.
func (c *cache) get(key string) *kept {
	c.mu.Lock()
	defer c.mu.Unlock()
	element := c.byKey[key]
	if element == nil {
		return nil
	}
	k := element.Value.(*kept)
	if !time.Now().Before(k.until) {
		c.drop(element)
		return nil
	}
	c.order.MoveToFront(element)
	return k
}

// put keeps an answer in place of an older one. One that is larger than the cache is not.
func (c *cache) put(k *kept) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.byKey[k.key]; old != nil {
		c.drop(old)
	}
	if k.weight() > c.most {
		return
	}
	c.byKey[k.key] = c.order.PushFront(k)
	c.bytes += k.weight()
	for c.bytes > c.most {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(element *list.Element) {
	k := c.order.Remove(element).(*kept)
	delete(c.byKey, k.key)
	c.bytes -= k.weight()
}

// size returns how many answers there are and how much room they take, in bytes.
func (c *cache) size() (entries, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.byKey), c.bytes
}

// send answers a request.
func (k *kept) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), k.header)
	w.Header().Set("Age", strconv.Itoa(int(time.Since(k.at)/time.Second)))
	w.Header().Set("X-Cache", "hit")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(k.body) // a client that is gone is told nothing
}
