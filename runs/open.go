package runs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// List returns all runs under root, the one that started last first. A root that
// does not exist has none. Runs whose head cannot be read come last, with their
// Problem.
func List(root string) ([]Saved, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Saved
	for _, entry := range entries {
		if dir := filepath.Join(root, entry.Name()); isDir(dir) {
			all = append(all, load(dir))
		}
	}
	slices.SortStableFunc(all, func(a, b Saved) int {
		return cmp.Or(
			b.Run.Started.Compare(a.Run.Started),
			cmp.Compare(len(b.Name), len(a.Name)), // name-10 was after name-2
			cmp.Compare(b.Name, a.Name),
		)
	})
	return all, nil
}

// isDir follows links, as a list of runs may well consist of them.
func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Open finds a run under root by reference:
//
//	@latest, @1    the one that started last
//	@prev, @2      the one before it, and so on
//	a path         of a run's directory
//	a name         of a directory under root, or the beginning of just one
//	a run's name   if just one run has it
//
// The error for a reference that fits none or several says what there is.
func Open(root, ref string) (*Saved, error) {
	if ref == "" {
		return nil, &hintError{errors.New("no run is named"), "name one, or write @latest"}
	}
	all, err := List(root)
	if err != nil {
		return nil, err
	}
	if back, ok := strings.CutPrefix(ref, "@"); ok {
		return byAge(root, back, all)
	}
	if isPath(ref) {
		return openDir(ref)
	}
	found := byName(ref, all)
	switch len(found) {
	case 1:
		return &found[0], nil
	case 0:
		return nil, &hintError{fmt.Errorf("no run %q in %s", ref, root), existing(all)}
	}
	return nil, &hintError{fmt.Errorf("%q is the beginning or the name of %d runs", ref, len(found)), existing(found)}
}

// isPath reports whether a reference is meant as a directory's path.
func isPath(ref string) bool {
	_, err := os.Stat(filepath.Join(ref, eventsFile))
	return err == nil || strings.ContainsFunc(ref, func(r rune) bool { return r == '/' || r == filepath.Separator }) || ref == "." || ref == ".."
}

// openDir opens a run wherever it is.
func openDir(dir string) (*Saved, error) {
	if _, err := os.Stat(filepath.Join(dir, eventsFile)); err != nil {
		return nil, &hintError{fmt.Errorf("no run in %s: %w", dir, err), "a run's directory holds " + eventsFile + " and " + hlogFile}
	}
	s := load(filepath.Clean(dir))
	return &s, nil
}

// byAge opens the n-th run counted from the newest. Directories that hold no run
// do not count.
func byAge(root, back string, all []Saved) (*Saved, error) {
	all = slices.DeleteFunc(slices.Clone(all), func(s Saved) bool { return s.Problem != "" })
	n, err := strconv.Atoi(back)
	switch {
	case back == "latest":
		n = 1
	case back == "prev":
		n = 2
	case err != nil || n < 1:
		return nil, &hintError{fmt.Errorf("unknown reference @%s", back), "references are @latest, @prev, @1, @2 and so on"}
	}
	if n > len(all) {
		return nil, &hintError{fmt.Errorf("no run @%s in %s: %d saved there", back, root, len(all)), existing(all)}
	}
	return &all[n-1], nil
}

// byName returns the runs that a name may mean: one whose directory has it, else
// those whose directory begins with it, else those that ran under it.
func byName(ref string, all []Saved) []Saved {
	for _, fits := range []func(Saved) bool{
		func(s Saved) bool { return s.Name == ref },
		func(s Saved) bool { return strings.HasPrefix(s.Name, ref) },
		func(s Saved) bool { return s.Run.Name == ref },
	} {
		found := slices.DeleteFunc(slices.Clone(all), func(s Saved) bool { return !fits(s) })
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// existing names some of the runs.
func existing(all []Saved) string {
	const shown = 5
	if len(all) == 0 {
		return "runs are saved as they are made: floodmark run PROFILE"
	}
	var names []string
	for _, s := range all[:min(len(all), shown)] {
		names = append(names, s.Name)
	}
	text := "there is " + strings.Join(names, ", ")
	if more := len(all) - len(names); more > 0 {
		text += " and " + strconv.Itoa(more) + " more"
	}
	return text
}
