package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// prune removes fields from a JSON answer. What cannot be changed is not passed on: a
// field is removed because nobody outside may see it.
func prune(response *http.Response, fields []string, most int) error {
	if !isJSON(response.Header.Get("Content-Type")) || response.StatusCode == http.StatusSwitchingProtocols {
		return nil
	}
	response.Header.Del("Etag") // of what is no longer sent
	if response.Request.Method == http.MethodHead || response.ContentLength == 0 {
		response.Header.Del("Content-Length")
		return nil
	}
	if coding := response.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return fmt.Errorf("%w: it is packed as %q", errUnusable, coding)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(most)+1))
	if err != nil {
		return err
	}
	if len(body) > most {
		return fmt.Errorf("%w: it has more than %d bytes", errUnusable, most)
	}
	if body, err = without(body, fields); err != nil {
		return fmt.Errorf("%w: %w", errUnusable, err)
	}
	_ = response.Body.Close() // it was read to its end
	replace(response, body)
	return nil
}

// isJSON reports whether a media type is JSON, or based on it.
func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || strings.HasSuffix(media, "+json"))
}

// replace gives an answer another body.
func replace(response *http.Response, body []byte) {
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	response.TransferEncoding = nil
	response.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// without returns a JSON text without some fields. Numbers keep all their digits; the
// fields of an object come in the order of their names.
func without(text []byte, fields []string) ([]byte, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return text, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON value")
	}
	for _, field := range fields {
		remove(value, field)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return out.Bytes(), err
}

// remove removes a field, at the end of a way through objects and arrays.
func remove(value any, field string) {
	switch v := value.(type) {
	case []any:
		for _, each := range v {
			remove(each, field)
		}
	case map[string]any:
		first, rest, deeper := strings.Cut(field, ".")
		if !deeper {
			delete(v, first)
			return
		}
		remove(v[first], rest)
	}
}
