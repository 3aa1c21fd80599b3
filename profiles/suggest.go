package profiles

import (
	"strings"

	"github.com/floodmark/floodmark/nearest"
)

// didYouMean is a hint for a word that is none of the candidates.
func didYouMean(word string, candidates []string) string {
	if best := nearest.Word(word, candidates); best != "" {
		return `did you mean "` + best + `"?`
	}
	return "known here: " + strings.Join(candidates, ", ")
}
