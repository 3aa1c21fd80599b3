// Package nearest finds the word that somebody meant.
//
// It knows nothing of what the words are for. Its one function is [Word].
package nearest

import "strings"

// Limits of what is worth comparing: nobody mistypes a key into something longer,
// and the distance takes quadratic time.
const maxLength = 40

// Word returns the candidate most like word, letters of either case alike, or ""
// when none is near enough to have been meant: a third of its letters may be
// wrong, and one always. Any number of goroutines may call it at once.
func Word(word string, candidates []string) string {
	typed := []rune(strings.ToLower(word))
	if len(typed) > maxLength {
		return ""
	}
	best, least := "", len(typed)/3+2
	for _, c := range candidates {
		meant := []rune(strings.ToLower(c))
		if len(meant) > maxLength {
			continue
		}
		if d := distance(typed, meant); d < least && d < len(meant) {
			best, least = c, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of neighbours
// that turn a into b (optimal string alignment): a swap is the commonest slip on a
// keyboard and must count as one.
func distance(a, b []rune) int {
	var before, previous []int
	current := make([]int, len(b)+1)
	for j := range current {
		current[j] = j
	}
	for i := range a {
		before, previous, current = previous, current, make([]int, len(b)+1)
		current[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			current[j+1] = min(previous[j+1]+1, current[j]+1, previous[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				current[j+1] = min(current[j+1], before[j-1]+1)
			}
		}
	}
	return current[len(b)]
}
