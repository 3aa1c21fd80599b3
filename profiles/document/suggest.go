package document

import (
	"strings"

	"github.com/floodmark/floodmark/nearest"
)

// DidYouMean is a hint for a word that is none of the candidates.
func DidYouMean(word string, candidates []string) string {
	if best := nearest.Word(word, candidates); best != "" {
		return `did you mean "` + best + `"?`
	}
	return "known here: " + strings.Join(candidates, ", ")
}
