// Renders the Helm chart as helm template does, for machines that have no helm: Go's own templates, the functions of
// sprig, and the few that Helm adds. From Debian: golang-go, golang-github-masterminds-sprig-dev, golang-gopkg-yaml.v2-dev.
//
//	render CHART RELEASE NAMESPACE [KEY=VALUE...]    KEY as in image.tag, VALUE as YAML
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v2"
)

type table = map[interface{}]interface{}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(path string) table {
	text, err := os.ReadFile(path)
	check(err)
	found := table{}
	check(yaml.UnmarshalStrict(text, &found))
	return found
}

// Texts as keys, as templates want them.
func named(value interface{}) interface{} {
	switch value := value.(type) {
	case table:
		found := map[string]interface{}{}
		for key, inner := range value {
			found[fmt.Sprint(key)] = named(inner)
		}
		return found
	case []interface{}:
		for i, inner := range value {
			value[i] = named(inner)
		}
	}
	return value
}

func set(values table, assignment string) {
	parts := strings.SplitN(assignment, "=", 2)
	if len(parts) != 2 {
		check(errors.New("no KEY=VALUE: " + assignment))
	}
	keys := strings.Split(parts[0], ".")
	for _, key := range keys[:len(keys)-1] {
		inner, is := values[key].(table)
		if !is {
			check(errors.New("the chart has no value " + parts[0]))
		}
		values = inner
	}
	last := keys[len(keys)-1]
	if _, is := values[last]; !is {
		check(errors.New("the chart has no value " + parts[0]))
	}
	var value interface{}
	check(yaml.Unmarshal([]byte(parts[1]), &value))
	values[last] = value
}

func main() {
	chart, release, namespace := os.Args[1], os.Args[2], os.Args[3]
	values := read(filepath.Join(chart, "values.yaml"))
	for _, assignment := range os.Args[4:] {
		set(values, assignment)
	}
	about := read(filepath.Join(chart, "Chart.yaml"))
	scope := map[string]interface{}{
		"Values":  named(values),
		"Chart":   map[string]interface{}{"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"]},
		"Release": map[string]interface{}{"Name": release, "Namespace": namespace, "Service": "Helm"},
	}

	all := template.New("chart").Option("missingkey=error")
	functions := sprig.TxtFuncMap()
	functions["toYaml"] = func(value interface{}) string {
		text, err := yaml.Marshal(value)
		check(err)
		return strings.TrimSuffix(string(text), "\n")
	}
	functions["include"] = func(name string, scope interface{}) (string, error) {
		var text bytes.Buffer
		err := all.ExecuteTemplate(&text, name, scope)
		return text.String(), err
	}
	all.Funcs(functions)

	files, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	check(err)
	sort.Strings(files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(err)
		_, err = all.New(filepath.Base(file)).Parse(string(text))
		check(err)
	}

	says := regexp.MustCompile(`(?m)^[^#\s]`)
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "_") {
			continue
		}
		var text bytes.Buffer
		check(all.ExecuteTemplate(&text, name, scope))
		if name == "NOTES.txt" {
			fmt.Fprint(os.Stderr, text.String())
		} else if says.MatchString(text.String()) {
			fmt.Printf("---\n%s\n", strings.Trim(text.String(), "\n"))
		}
	}
}
