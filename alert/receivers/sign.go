package receivers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// secretPrefix begins the secrets of Standard Webhooks.
const secretPrefix = "whsec_"

// signature signs a webhook with each of the secrets, which are separated by spaces, as
// Standard Webhooks 1.0.0 has it: HMAC-SHA256 of id, time of this attempt and the body
// as sent.
func signature(secrets, id string, at time.Time, body []byte) string {
	var all []string
	for secret := range strings.FieldsSeq(secrets) {
		key, err := secretKey(secret)
		if err != nil {
			continue // Validate has read it
		}
		h := hmac.New(sha256.New, key)
		h.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		h.Write(body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(h.Sum(nil)))
	}
	return strings.Join(all, " ")
}

// secretKey reads whsec_ and base64.
func secretKey(secret string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
}
