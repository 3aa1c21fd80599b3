package alert

import (
	"time"

	"github.com/floodmark/floodmark/slo"
)

// Blocks are long enough for what one bad moment does to its neighbours. With fewer of
// them than ten, how much they differ is itself mostly chance.
const (
	blockLength = 5 * time.Second
	leastBlocks = 10
)

// A spread is by how much the share of bad requests differs between blocks of a few
// seconds. Requests that fail together, as those of an outage do, are not independent:
// their share differs more than by chance, and a hundred of them say less than a hundred
// coins. The zero value has seen nothing.
type spread struct {
	run     slo.Count // of whole blocks
	blocks  int
	squares float64 // sum of bad² / total of each block
	block   slo.Count
	length  time.Duration // of block, which is being filled
}

// add adds an interval.
func (s *spread) add(c slo.Count, length time.Duration) {
	s.block.Good += c.Good
	s.block.Total += c.Total
	if s.length += length; s.length < blockLength {
		return
	}
	if s.block.Total > 0 {
		bad := float64(s.block.Bad())
		s.squares += bad * bad / float64(s.block.Total)
		s.run.Good += s.block.Good
		s.run.Total += s.block.Total
		s.blocks++
	}
	s.block, s.length = slo.Count{}, 0
}

// designEffect returns how many requests say as much as one independent one: the variance
// of the blocks' shares times the requests in a block, over the variance of single
// requests. It is 1 at least. It is also 1 until there are ten blocks: what is bad all
// the time and what is bad in bursts look the same in the first of them. Bad requests in a single
// stretch raise it too, and so delay what they prove: the price of not taking one
// bad minute for a bad service.
func (s *spread) designEffect() float64 {
	if s.blocks < leastBlocks || s.run.Bad() == 0 || s.run.Good == 0 {
		return 1
	}
	n, bad := float64(s.run.Total), float64(s.run.Bad())
	between := (s.squares - bad*bad/n) / float64(s.blocks-1)
	share := bad / n
	return max(1, between/(share*(1-share)))
}
