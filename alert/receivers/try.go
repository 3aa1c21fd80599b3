package receivers

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"text/template"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/nearest"
	"github.com/floodmark/floodmark/quantity"
)

// checkTemplates runs the templates on messages of every shape.
func (s *Spec) checkTemplates(kind *service) error {
	var all []error
	for _, field := range [][2]string{{"title", s.Title}, {"body", s.Body}} {
		if field[1] == "" {
			continue
		}
		if err := s.tryTemplate(field[0], field[1], kind); err != nil {
			all = append(all, &fault{field[0], "the template " + templateFault(err), templateHint(err)})
		}
	}
	return errors.Join(all...)
}

// templateHint says how to mend a template.
func templateHint(err error) string {
	if errors.Is(err, errNotJSON) {
		return "write every value with toJSON: {{.Title | toJSON}}"
	}
	if _, rest, found := strings.Cut(err.Error(), "can't evaluate field "); found {
		word, _, _ := strings.Cut(rest, " ")
		if meant := nearest.Word(word, fieldNames()); meant != "" {
			return "did you mean ." + meant + "?"
		}
	}
	return "see docs/receivers.md for what templates can use"
}

// fieldNames are the fields that templates can use.
func fieldNames() []string {
	var all []string
	for _, of := range []any{letter{}, alert.Run{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(of)) {
			if f.IsExported() {
				all = append(all, f.Name)
			}
		}
	}
	return all
}

// tryTemplate runs one template, and reads what a body should be.
func (s *Spec) tryTemplate(field, text string, kind *service) error {
	t, err := parseTemplate(field, text)
	if err != nil {
		return err
	}
	for _, m := range synthetic() {
		calm := harmless(tidy(m, kind.limits.alerts, 1))
		l := compose(&calm, nil)
		out, err := execute(t, &l)
		if err != nil {
			return err
		}
		if field == "body" && s.expectsJSON(kind) && !json.Valid([]byte(out)) {
			return errNotJSON
		}
	}
	return nil
}

// expectsJSON reports whether the body's template must make JSON: unless it says that it
// makes something else.
func (s *Spec) expectsJSON(kind *service) bool {
	for _, h := range s.Headers {
		if strings.EqualFold(h[0], "Content-Type") {
			return kind.json && strings.Contains(strings.ToLower(h[1]), "json")
		}
	}
	return kind.json
}

// templateFault is the text of a template's error without the words that are always
// there.
func templateFault(err error) string {
	var of template.ExecError
	if errors.As(err, &of) && errors.Is(err, errTooLong) {
		return errTooLong.Error()
	}
	text := strings.TrimPrefix(err.Error(), "template: ")
	return cut(quantity.Line(text), maxDetail)
}
