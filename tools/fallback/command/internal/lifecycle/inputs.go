// Package lifecycle holds the inputs that say what a command resource does at each step of its life.
package lifecycle

import "github.com/pulumi/pulumi-go-provider/infer"

// Inputs are the commands of a resource and what replaces it.
type Inputs struct {
	Triggers *[]any  `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Create   *string `pulumi:"create,optional"`
	Update   *string `pulumi:"update,optional"`
	Delete   *string `pulumi:"delete,optional"`
}

// Annotate describes the fields in the schema.
func (i *Inputs) Annotate(a infer.Annotator) {
	a.Describe(&i.Triggers, "Values of any type. The resource is replaced when one of them changes.")
	a.Describe(&i.Create, "The command to run when the resource is created, "+
		"and when an input changes if there is no `update`.")
	a.Describe(&i.Update, "The command to run when an input changes. The default is `create`.")
	a.Describe(&i.Delete, "The command to run when the resource is deleted, with the inputs it was last run with.")
}

// OnUpdate is the command for a changed input, nil if there is none.
func (i *Inputs) OnUpdate() *string {
	if i.Update != nil {
		return i.Update
	}
	return i.Create
}
