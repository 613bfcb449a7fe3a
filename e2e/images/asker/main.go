// Asks the metadata addresses for credentials from its first instant to its last, and sends what it got to a
// collector, never a secret. It stands for a pod with and without a role.
//
//	POD_UID        of its pod
//	COLLECTOR      host:port of the collector
//	LIFETIME_MS    it ends by itself after this time; default: never
//	IGNORE_TERM    if set, it goes on after SIGTERM until it is killed
//	PAUSE_MS       between two requests; default: none for a second, then 10
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	imds      = "169.254.169.254"
	container = "169.254.170.2"
	roles     = "/latest/meta-data/iam/security-credentials/"
	timeout   = 10 * time.Second
	tokenFile = "/var/run/secrets/podrole.dev/agent/token"
)

// answers counts equal answers.
type answers struct {
	Uid    string  `json:"uid"`
	Kind   string  `json:"kind"`
	Status int     `json:"status"`
	Role   string  `json:"role,omitempty"`
	Key    string  `json:"key,omitempty"`
	Reason string  `json:"reason,omitempty"`
	Count  int     `json:"count"`
	Began  float64 `json:"beganMs"`
	First  float64 `json:"firstMs"`
	Last   float64 `json:"lastMs"`
	Max    float64 `json:"longestMs"`
}

type identity struct {
	kind, role, key, reason string
	status                  int
}

var (
	began   = now()
	mutex   sync.Mutex
	seen    = map[identity]*answers{}
	changed = map[*answers]bool{}
	urgent  = make(chan struct{}, 1)
)

func now() float64 { return float64(time.Now().UnixMicro()) / 1000 }

func main() {
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	ended := make(chan struct{})
	reported := make(chan struct{})
	go report(ended, reported)
	lifetime := milliseconds("LIFETIME_MS", 0)
	pause := milliseconds("PAUSE_MS", 10)
	isCalm := os.Getenv("PAUSE_MS") != ""
	role := "none"
	for round := 0; ; round++ {
		if lifetime > 0 && now()-began > float64(lifetime.Milliseconds()) {
			break
		}
		isEnding := false
		select {
		case <-terminated:
			isEnding = os.Getenv("IGNORE_TERM") == ""
		default:
		}
		if isEnding {
			break
		}
		role = ask(round, role)
		if isCalm || now()-began > 1000 {
			time.Sleep(pause)
		}
	}
	close(ended)
	<-reported
}

func milliseconds(name string, otherwise int) time.Duration {
	value, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		value = otherwise
	}
	return time.Duration(value) * time.Millisecond
}

// ask sends one or more requests over one connection, and returns the name of the role.
func ask(round int, role string) string {
	switch round % 5 {
	case 0:
		return exchange("role", imds, role, roles)
	case 1:
		exchange("keys", imds, role, roles+role)
	case 2:
		exchange("uri", container, role, "/v1/credentials")
	case 3:
		if token, err := os.ReadFile(tokenFile); err == nil {
			exchange("token "+string(token), container, role, "/v1/credentials")
		}
	case 4:
		exchange("kept", imds, role, roles+role, roles, roles+role)
	}
	return role
}

func exchange(kind, host, role string, paths ...string) string {
	start := now()
	authorization := ""
	if name, token, found := strings.Cut(kind, " "); found {
		kind, authorization = name, "Authorization: "+token+"\r\n"
	}
	connection, err := net.DialTimeout("tcp", host+":80", timeout)
	if err != nil {
		count(identity{kind: kind, reason: reasonOf(err)}, start)
		return role
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(timeout))
	reader := bufio.NewReader(connection)
	for _, path := range paths {
		io.WriteString(connection, "GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\n"+authorization+"\r\n")
		answer, err := http.ReadResponse(reader, nil)
		if err != nil {
			count(identity{kind: kind, reason: reasonOf(err)}, start)
			return role
		}
		body, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
		answer.Body.Close()
		found := identity{kind: kind, status: answer.StatusCode}
		switch {
		case answer.StatusCode != 200:
			found.reason = strings.ToValidUTF8(string(body[:min(len(body), 200)]), "?")
		case path == roles:
			found.role = string(body)
			role = found.role
		default:
			var document struct{ AccessKeyId, RoleArn string }
			if json.Unmarshal(body, &document) != nil || document.AccessKeyId == "" {
				found.reason = "no credentials"
			}
			found.key, found.role = document.AccessKeyId, document.RoleArn
		}
		count(found, start)
		if answer.Close {
			return role
		}
		start = now()
	}
	return role
}

// reasonOf drops what differs each time, such as ports.
func reasonOf(err error) string {
	text := err.Error()
	return text[strings.LastIndex(text, ": ")+1:]
}

func count(found identity, start float64) {
	mutex.Lock()
	defer mutex.Unlock()
	end := now()
	entry := seen[found]
	if entry == nil {
		entry = &answers{Uid: os.Getenv("POD_UID"), Kind: found.kind, Status: found.status, Role: found.role,
			Key: found.key, Reason: found.reason, Began: began, First: end}
		seen[found] = entry
		select {
		case urgent <- struct{}{}:
		default:
		}
	}
	entry.Count++
	entry.Last = end
	entry.Max = max(entry.Max, end-start)
	changed[entry] = true
}

// report sends a new kind of answer at once, and the numbers ten times per second.
func report(ended <-chan struct{}, reported chan<- struct{}) {
	defer close(reported)
	var connection net.Conn
	for connection == nil {
		connection, _ = net.DialTimeout("tcp", os.Getenv("COLLECTOR"), time.Second)
	}
	lines := json.NewEncoder(connection)
	for isLast := false; !isLast; {
		select {
		case <-urgent:
		case <-time.After(100 * time.Millisecond):
		case <-ended:
			isLast = true
		}
		mutex.Lock()
		var copies []answers
		for entry := range changed {
			copies = append(copies, *entry)
		}
		clear(changed)
		mutex.Unlock()
		for _, each := range copies {
			lines.Encode(each)
		}
	}
	connection.Close()
}
