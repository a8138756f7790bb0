package report

import (
	"cmp"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/affects"
)

// SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), as far as it is used here: a rule a fix,
// and one result each, at the line of the configuration that uses what the bug needs.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool      `json:"tool"`
		Results    []sarifResult  `json:"results"`
		Properties map[string]any `json:"properties,omitempty"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID         string         `json:"id"`
		Short      sarifText      `json:"shortDescription"`
		Help       sarifText      `json:"help"`
		HelpURI    string         `json:"helpUri"`
		Properties map[string]any `json:"properties"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
)

func affectsSARIF(d *affects.Result, tool string) *sarifLog {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "hacrash", Version: tool, InformationURI: "https://github.com/hacrash/hacrash", Rules: []sarifRule{}}},
		Results:    []sarifResult{},
		Properties: map[string]any{"haproxyVersion": d.Version, "counts": d.Counts, "knowledge": d.Knowledge},
	}
	for i := range d.Fixes {
		f := &d.Fixes[i]
		id := f.Commit[:10]
		what := cmp.Or(f.Sentence, "A "+strings.Join(f.Kinds, ", ")+" in "+strings.Join(f.Subsystems, ", ")+".")
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: id, Short: sarifText{what}, Help: sarifText{help(f)}, HelpURI: commitURL(f.Commit),
			Properties: map[string]any{"tags": append([]string{"security", "crash"}, f.Subsystems...), "security-severity": securitySeverity(f.Severity)},
		})
		run.Results = append(run.Results, sarifResult{
			RuleID: id, RuleIndex: i, Level: sarifLevel(f.Severity), Message: sarifText{message(d, f, what)}, Locations: location(f),
			Fingerprints: map[string]string{"haproxyFix/v1": id},
		})
	}
	return &sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

func help(f *affects.Fix) string {
	text := fixStanding(f) + "."
	if f.Workaround != "" {
		text += " Until then: " + f.Workaround
	}
	return text
}

func message(d *affects.Result, f *affects.Fix, what string) string {
	text := "HAProxy " + d.Version + ": " + what
	if f.Upgrade != "" {
		text += " Fixed in " + f.Upgrade + "."
	}
	if s := concern(f, d.Configuration != nil); s != "" {
		text += " " + capital(s) + "."
	}
	return text
}

// location is the first line of the configuration that a reason names.
func location(f *affects.Fix) []sarifLocation {
	for _, r := range f.Because {
		if r.Line > 0 && r.File != "-" {
			uri := (&url.URL{Path: filepath.ToSlash(r.File)}).EscapedPath()
			return []sarifLocation{{sarifPhysical{sarifArtifact{uri}, &sarifRegion{r.Line}}}}
		}
	}
	return nil
}

// sarifLevel is the level of a severity, securitySeverity the number that GitHub shows.
func sarifLevel(severity string) string {
	switch severity {
	case "CRITICAL", "MAJOR":
		return "error"
	case "MEDIUM":
		return "warning"
	}
	return "note"
}

func securitySeverity(severity string) string {
	switch severity {
	case "CRITICAL":
		return "9.0"
	case "MAJOR":
		return "7.5"
	case "MEDIUM":
		return "5.0"
	}
	return "2.0"
}
