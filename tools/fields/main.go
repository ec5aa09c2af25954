// Prints the fields of the kubelet's and of kube-proxy's configuration as JSON: a word for a plain value, a list of one type for a list,
// {"*": type} for a map. It is run in a module that pins k8s.io/kubernetes (tools/kubernetesOptions.ts).
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubeproxy "k8s.io/kube-proxy/config/v1alpha1"
	kubelet "k8s.io/kubelet/config/v1beta1"
)

func main() {
	fields := map[string]any{
		"KubeletConfiguration":   typeOf(reflect.TypeFor[kubelet.KubeletConfiguration]()),
		"KubeProxyConfiguration": typeOf(reflect.TypeFor[kubeproxy.KubeProxyConfiguration]()),
	}
	encoder := json.NewEncoder(os.Stdout)
	if err := encoder.Encode(fields); err != nil {
		panic(err)
	}
}

func typeOf(of reflect.Type) any {
	switch {
	case of.Kind() == reflect.Pointer:
		return typeOf(of.Elem())
	case of == reflect.TypeFor[metav1.Duration]():
		return "duration"
	case of.Implements(reflect.TypeFor[json.Marshaler]()), reflect.PointerTo(of).Implements(reflect.TypeFor[json.Marshaler]()):
		// It has a form of its own, as a quantity has.
		return "any"
	}
	switch of.Kind() {
	case reflect.Struct:
		fields := map[string]any{}
		addFields(fields, of)
		return fields
	case reflect.Map:
		return map[string]any{"*": typeOf(of.Elem())}
	case reflect.Slice:
		if of.Elem().Kind() == reflect.Uint8 {
			return "string"
		}
		return []any{typeOf(of.Elem())}
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "integer"
	default:
		return "any"
	}
}

func addFields(fields map[string]any, of reflect.Type) {
	for i := range of.NumField() {
		field := of.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case strings.Contains(options, "inline"):
			addFields(fields, field.Type)
		case name != "" && name != "-":
			fields[name] = typeOf(field.Type)
		}
	}
}
