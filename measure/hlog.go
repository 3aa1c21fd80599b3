package measure

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// A packer writes histograms in HdrHistogram's V2 compressed encoding, the text of a
// log's lines. Its zero value is ready, and it reuses its memory: the library's
// encoder makes a compressor of 1 MB for each histogram, at the highest level,
// which took milliseconds of each second.
//
// The format is that of HdrHistogram's Java source (AbstractHistogram.java,
// encodeIntoCompressedByteBuffer): big-endian heads, and below zlib the counts
// of all buckets up to the largest value as ZigZag LEB128 numbers, of which the
// negative ones are so many empty buckets. Counts stay below 2^55, where that
// is the encoding of [binary.AppendVarint].
type packer struct {
	plain      []byte
	packed     bytes.Buffer
	zip, store *zlib.Writer // the second does not compress
}

// What stands in the heads.
const (
	v2Cookie           = 0x1c849303 | 0x10
	v2CompressedCookie = 0x1c849304 | 0x10
	v2Head             = 40
	significantDigits  = 3

	// Less is not worth compressing: a thousand rare endpoints are three thousand
	// such histograms a second.
	compressFrom = 256
)

// prepare makes what the first histograms need: compressors take a megabyte and a
// millisecond, which the first second of a run shall not pay.
func (p *packer) prepare() error {
	_, err := p.append(nil, &Histogram{})
	p.plain = make([]byte, compressFrom)
	return errors.Join(err, p.compress())
}

// append writes h to text and returns that.
func (p *packer) append(text []byte, h *Histogram) ([]byte, error) {
	p.encode(h)
	p.packed.Reset()
	p.packed.Write(make([]byte, 8)) // filled in below
	if err := p.compress(); err != nil {
		return text, err
	}
	packed := p.packed.Bytes()
	binary.BigEndian.PutUint32(packed, v2CompressedCookie)
	binary.BigEndian.PutUint32(packed[4:], uint32(len(packed)-8)) //nolint:gosec // a few kilobytes
	return base64.StdEncoding.AppendEncode(text, packed), nil
}

// encode makes plain what is compressed.
func (p *packer) encode(h *Histogram) {
	out := append(p.plain[:0], make([]byte, v2Head)...)
	next := 0 // the bucket to write
	for index, n := range h.counts {
		out = appendEmpty(out, index-next)
		out = binary.AppendVarint(out, int64(n)) //nolint:gosec // an interval's count
		next = index + 1
	}
	binary.BigEndian.PutUint32(out, v2Cookie)
	binary.BigEndian.PutUint32(out[4:], uint32(len(out)-v2Head)) //nolint:gosec // a few kilobytes
	binary.BigEndian.PutUint32(out[12:], significantDigits)
	binary.BigEndian.PutUint64(out[16:], uint64(time.Microsecond))
	binary.BigEndian.PutUint64(out[24:], uint64(MaxDuration))
	binary.BigEndian.PutUint64(out[32:], math.Float64bits(1)) // values are as they are
	p.plain = out
}

// appendEmpty writes n empty buckets. A single one is a count of 0.
func appendEmpty(out []byte, n int) []byte {
	switch n {
	case 0:
		return out
	case 1:
		return binary.AppendVarint(out, 0)
	}
	return binary.AppendVarint(out, int64(-n))
}

// compress appends plain to packed, at the fastest level: a file is a tenth larger
// for it.
func (p *packer) compress() error {
	zip, level := &p.zip, zlib.BestSpeed
	if len(p.plain) < compressFrom {
		zip, level = &p.store, zlib.NoCompression
	}
	if *zip == nil {
		made, err := zlib.NewWriterLevel(&p.packed, level)
		if err != nil {
			return err
		}
		*zip = made
	} else {
		(*zip).Reset(&p.packed)
	}
	if _, err := (*zip).Write(p.plain); err != nil {
		return err
	}
	return (*zip).Close()
}
