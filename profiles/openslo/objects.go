package openslo

import (
	"slices"
	"strings"
	"unicode"

	"github.com/floodmark/floodmark/profiles"
)

// The kinds of objects, as OpenSLO names them.
const (
	kindSLO       = "SLO"
	kindSLI       = "SLI"
	kindPolicy    = "AlertPolicy"
	kindCondition = "AlertCondition"
	kindTarget    = "AlertNotificationTarget"
	kindService   = "Service"
	kindSource    = "DataSource"
)

// apiVersion is what there is of OpenSLO here.
const apiVersion = "openslo/v1"

// An object is one thing of the file, with a document of its own or inline in another.
type object struct {
	kind, name  string // an inline one may have no name
	at          profiles.Position
	spec        profiles.Value
	annotations profiles.Value
	used        bool
}

// read adds the object of a document.
func (im *importer) read(doc profiles.Value) {
	if !doc.IsMapping() {
		im.file.Fault(doc.Position, "begin with apiVersion: "+apiVersion, "an OpenSLO object is a mapping, not %s", doc.Shape())
		return
	}
	if !im.isV1(doc) {
		return
	}
	kind, ok := im.mustText(doc, "kind")
	kinds := []string{kindSLO, kindSLI, kindPolicy, kindCondition, kindTarget, kindService, kindSource}
	switch {
	case !ok:
		return
	case !slices.Contains(kinds, kind):
		im.file.Fault(doc.Key("kind").Position, didYouMean(kind, kinds), "unknown kind %q", kind)
		return
	}
	o := im.object(doc, kind)
	if o.name == "" {
		im.missing(doc.Key("metadata"), doc.Position, "metadata.name")
		return
	}
	for _, other := range im.objects {
		if other.kind == o.kind && other.name == o.name {
			im.file.Fault(o.at, "name one of them otherwise", "two objects of kind %s are named %s, here and in line %d", o.kind, o.name, other.at.Line)
		}
	}
	im.objects = append(im.objects, o)
}

// isV1 reports whether a document is of the version that is read.
func (im *importer) isV1(doc profiles.Value) bool {
	version, ok := im.mustText(doc, "apiVersion")
	if !ok || version == apiVersion {
		return ok
	}
	at := doc.Key("apiVersion").Position
	if strings.HasPrefix(version, "openslo/v1alpha") || strings.HasPrefix(version, "openslo/v2") || strings.HasPrefix(version, "openslo.com/") {
		im.file.Fault(at, "convert the file to "+apiVersion, "apiVersion %s is not read, only %s", version, apiVersion)
		return false
	}
	im.file.Fault(at, "", "apiVersion %s is not OpenSLO's: only %s is read", version, apiVersion)
	return false
}

// object reads what all kinds have in common.
func (im *importer) object(v profiles.Value, kind string) *object {
	o := &object{kind: kind, at: v.Position, spec: v.Key("spec")}
	metadata := v.Key("metadata")
	if metadata.Given() && !metadata.IsMapping() {
		im.file.Fault(metadata.Position, "", "metadata must be a mapping, not %s", metadata.Shape())
	}
	o.annotations = metadata.Key("annotations")
	if name, ok := im.text(metadata, "name"); ok {
		o.name, o.at = name, metadata.Key("name").Position
		if strings.ContainsFunc(name, unicode.IsControl) {
			im.file.Fault(o.at, "", "a name must be text without control characters")
		}
	}
	if o.spec.Given() && !o.spec.IsMapping() {
		im.file.Fault(o.spec.Position, "", "spec must be a mapping, not %s", o.spec.Shape())
	}
	return o
}

// refer returns the object that a key with the name of one refers to, nil after noting that there is none.
func (im *importer) refer(v profiles.Value, key, kind string) *object {
	name, ok := im.mustText(v, key)
	if !ok {
		return nil
	}
	var names []string
	for _, o := range im.objects {
		if o.kind != kind {
			continue
		}
		if o.name == name {
			o.used = true
			return o
		}
		names = append(names, o.name)
	}
	hint := didYouMean(name, names)
	if len(names) == 0 {
		hint = "all objects must be in one file, with --- between them"
	}
	im.file.Fault(v.Key(key).Position, hint, "there is no %s named %q in the file", kind, name)
	return nil
}

// inlineOrRef returns the object that stands in an item of a list, or that it refers to, nil if there is none.
func (im *importer) inlineOrRef(item profiles.Value, ref, kind string) *object {
	if !item.IsMapping() {
		im.file.Fault(item.Position, "write "+ref+": and a name", "an item must be a mapping, not %s", item.Shape())
		return nil
	}
	if item.Key(ref).Given() {
		return im.refer(item, ref, kind)
	}
	if !item.Key("spec").Given() {
		im.missing(item, item.Position, ref)
		return nil
	}
	if named, ok := im.text(item, "kind"); ok && named != kind {
		im.file.Fault(item.Key("kind").Position, "", "this must be of kind %s, not %s", kind, named)
		return nil
	}
	return im.object(item, kind)
}
