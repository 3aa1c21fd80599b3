package shop

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/floodmark/floodmark/demo-server/goods"
)

// UserHeader says who asks, where a gateway has found that out.
const UserHeader = "X-User"

// SessionCookie is the name of the cookie of Stateful shops.
const SessionCookie = "session"

// maxUser bounds the name of a user that a gateway vouches for, in bytes.
const maxUser = 128

// Why it is not known who asks.
var (
	errNoToken   = fmt.Errorf("%w: want the header Authorization: Bearer, and the token that POST /api/login gives", goods.ErrDenied)
	errNoSession = sessionError("no such session here; log in again")
)

// sessionError is an error whose text is a promise to clients.
type sessionError string

// Error returns the text.
func (e sessionError) Error() string { return string(e) }

// Is makes it a kind of goods.ErrDenied.
func (e sessionError) Is(target error) bool { return target == goods.ErrDenied }

// A customer is who asks.
type customer struct {
	user    string
	session *session // nil: none
}

// An identified handler handles a request of a customer who is known.
type identifiedHandler func(w http.ResponseWriter, r *http.Request, c customer) error

// identified finds out who asks.
func (s *Shop) identified(next identifiedHandler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, err := s.identify(w, r)
		if err != nil {
			return err
		}
		return next(w, r, c)
	}
}

// identify finds the customer by the session's cookie, by the gateway's word, or by the
// bearer token. Of a session that is not known here the others may still know the user.
func (s *Shop) identify(w http.ResponseWriter, r *http.Request) (customer, error) {
	vouched, err := s.vouched(r)
	if err != nil {
		return customer{}, err
	}
	session, asked := s.session(r)
	switch {
	case session != nil && (vouched == "" || vouched == session.user):
		return customer{session.user, session}, nil
	case vouched != "":
		return customer{user: vouched}, nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		w.Header().Set("WWW-Authenticate", "Bearer")
		if asked {
			return customer{}, errNoSession
		}
		return customer{}, errNoToken
	}
	user, err := s.Store.User(r.Context(), token)
	if err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return customer{}, err
	}
	return customer{user: user}, nil
}

// vouched returns the user that a gateway vouches for, if it is trusted.
func (s *Shop) vouched(r *http.Request) (string, error) {
	if !s.TrustUser {
		return "", nil
	}
	user := r.Header.Get(UserHeader)
	odd := strings.ContainsFunc(user, func(r rune) bool { return r <= ' ' || r > '~' || r == '/' })
	if len(user) > maxUser || odd || user == "." || user == ".." {
		return "", invalid(fmt.Sprintf("%s: want a name of up to %d printable ASCII characters, without spaces and slashes", UserHeader, maxUser))
	}
	return user, nil
}

// session returns the session of a request, or nil, and whether it has asked for one.
func (s *Shop) session(r *http.Request) (found *session, asked bool) {
	if s.State != Stateful {
		return nil, false
	}
	cookie, err := r.Cookie(SessionCookie)
	if err != nil {
		return nil, false
	}
	return s.sessions.find(cookie.Value), true
}

// login answers POST /api/login.
func (s *Shop) login(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		User     string `json:"user"`
		Password string `json:"password"`
	}
	if err := read(w, r, &body); err != nil {
		return err
	}
	token, err := s.Store.Login(r.Context(), body.User, body.Password)
	if err != nil {
		return err
	}
	if s.State == Stateful {
		http.SetCookie(w, &http.Cookie{
			Name: SessionCookie, Value: s.sessions.begin(body.User, s.MaxSessions),
			Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
	return answer(w, http.StatusOK, map[string]string{"token": token})
}

// A seen is the body of an answer about a session.
type seen struct {
	User     string `json:"user"`
	Requests uint64 `json:"requests,omitempty"` // of the session; nobody counts without one
}

// showSession answers GET /api/session: who asks, as far as this replica knows by itself.
func (s *Shop) showSession(w http.ResponseWriter, r *http.Request) error {
	c, err := s.identify(w, r)
	switch {
	case err != nil:
		return err
	case c.session != nil:
		return answer(w, http.StatusOK, seen{c.user, c.session.count()})
	case s.State == Stateful:
		return errNoSession
	}
	return answer(w, http.StatusOK, seen{User: c.user})
}
