// Package document reads YAML that a person wrote, and says everything that is wrong with it at once, each with its place.
//
// It knows neither profiles nor topologies: whoever does says which keys a mapping may hold and what a value means. Reading
// goes in this order:
//
//  1. [New] checks the bytes, and [Document.Read] lets the YAML library parse them within limits and copies its tree into
//     each [Node]; [Variables] are put into values on the way, so that a value can never become structure;
//  2. a [Decoder] turns nodes into values, and reports unknown keys, wrong types and missing units;
//  3. the caller judges the values as [Problems], which know paths such as load.rate and never lines, and [Decoder.Judge]
//     finds their places;
//  4. [Faults] carry what was found.
package document
