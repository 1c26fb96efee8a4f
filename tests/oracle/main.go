// Command oracle reads HCL and prints what HashiCorp's own parser makes of it.
//
// Each line of standard input is {"kind": "file" | "expression" | "template", "text": "…"}; each
// line of output is {"error": "…"} where the parser refuses, else {"body": …} or {"tree": …}. A
// tree is nested arrays, so that every grouping shows; tests/hcl_trees.py writes the same.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"sort"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

type tree = []any

type question struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for decoder.More() {
		var asked question
		if err := decoder.Decode(&asked); err != nil {
			panic(err)
		}
		if err := encoder.Encode(answer(asked)); err != nil {
			panic(err)
		}
	}
}

func answer(asked question) map[string]any {
	start := hcl.Pos{Line: 1, Column: 1}
	text := []byte(asked.Text)
	switch asked.Kind {
	case "file":
		file, diags := hclsyntax.ParseConfig(text, "x", start)
		if diags.HasErrors() {
			return refusal(diags)
		}
		return map[string]any{"body": body(file.Body.(*hclsyntax.Body))}
	case "expression":
		expr, diags := hclsyntax.ParseExpression(text, "x", start)
		if diags.HasErrors() {
			return refusal(diags)
		}
		return map[string]any{"tree": expression(expr)}
	default:
		expr, diags := hclsyntax.ParseTemplate(text, "x", start)
		if diags.HasErrors() {
			return refusal(diags)
		}
		return map[string]any{"tree": expression(expr)}
	}
}

func refusal(diags hcl.Diagnostics) map[string]any {
	for _, diag := range diags {
		if diag.Severity == hcl.DiagError {
			return map[string]any{"error": diag.Summary + ": " + diag.Detail, "line": diag.Subject.Start.Line}
		}
	}
	panic("no error")
}

// body is [[[name, line, tree] …], [[type, [label …], line, body] …]] in written order.
func body(b *hclsyntax.Body) tree {
	attributes := make([]*hclsyntax.Attribute, 0, len(b.Attributes))
	for _, attribute := range b.Attributes {
		attributes = append(attributes, attribute)
	}
	sort.Slice(attributes, func(i, j int) bool {
		return attributes[i].SrcRange.Start.Byte < attributes[j].SrcRange.Start.Byte
	})
	arguments := tree{}
	for _, attribute := range attributes {
		line := attribute.NameRange.Start.Line
		arguments = append(arguments, tree{attribute.Name, line, expression(attribute.Expr)})
	}
	blocks := tree{}
	for _, block := range b.Blocks {
		labels := tree{}
		for _, label := range block.Labels {
			labels = append(labels, label)
		}
		blocks = append(blocks, tree{block.Type, labels, block.TypeRange.Start.Line, body(block.Body)})
	}
	return tree{arguments, blocks}
}

func expression(expr hclsyntax.Expression) tree {
	switch e := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		return literal(e.Val)
	case *hclsyntax.TemplateExpr:
		return template(e)
	case *hclsyntax.TemplateWrapExpr:
		return tree{"wrap", expression(e.Wrapped)}
	case *hclsyntax.TemplateJoinExpr:
		return tree{"join", expression(e.Tuple)}
	case *hclsyntax.ScopeTraversalExpr:
		return steps(tree{"variable", e.Traversal.RootName()}, e.Traversal[1:])
	case *hclsyntax.RelativeTraversalExpr:
		return steps(expression(e.Source), e.Traversal)
	case *hclsyntax.IndexExpr:
		return tree{"index", expression(e.Collection), expression(e.Key)}
	case *hclsyntax.SplatExpr:
		return tree{"splat", expression(e.Source), expression(e.Each)}
	case *hclsyntax.AnonSymbolExpr:
		return tree{"element"}
	case *hclsyntax.FunctionCallExpr:
		return tree{"call", e.Name, e.ExpandFinal, many(e.Args)}
	case *hclsyntax.UnaryOpExpr:
		return tree{"unary", operator(e.Op), expression(e.Val)}
	case *hclsyntax.BinaryOpExpr:
		return tree{"binary", operator(e.Op), expression(e.LHS), expression(e.RHS)}
	case *hclsyntax.ConditionalExpr:
		return tree{"conditional", expression(e.Condition), expression(e.TrueResult), expression(e.FalseResult)}
	case *hclsyntax.ParenthesesExpr:
		return tree{"parentheses", expression(e.Expression)}
	case *hclsyntax.TupleConsExpr:
		return tree{"tuple", many(e.Exprs)}
	case *hclsyntax.ObjectConsExpr:
		items := tree{}
		for _, item := range e.Items {
			items = append(items, tree{expression(item.KeyExpr), expression(item.ValueExpr)})
		}
		return tree{"object", items}
	case *hclsyntax.ObjectConsKeyExpr:
		return key(e)
	case *hclsyntax.ForExpr:
		return tree{
			"for", e.KeyVar, e.ValVar, expression(e.CollExpr),
			optional(e.KeyExpr), expression(e.ValExpr), optional(e.CondExpr), e.Group,
		}
	}
	panic(fmt.Sprintf("%T", expr))
}

func many(exprs []hclsyntax.Expression) tree {
	all := tree{}
	for _, expr := range exprs {
		all = append(all, expression(expr))
	}
	return all
}

func optional(expr hclsyntax.Expression) any {
	if expr == nil {
		return nil
	}
	return expression(expr)
}

// key is what the key means: a bare name is text, a bare reference is refused when evaluated.
func key(e *hclsyntax.ObjectConsKeyExpr) tree {
	if e.ForceNonLiteral {
		return expression(e.Wrapped)
	}
	if keyword := hcl.ExprAsKeyword(e.Wrapped); keyword != "" {
		return literal(cty.StringVal(keyword))
	}
	if traversal, is := e.Wrapped.(*hclsyntax.ScopeTraversalExpr); is && len(traversal.Traversal) > 1 {
		return tree{"ambiguous"}
	}
	return expression(e.Wrapped)
}

func template(e *hclsyntax.TemplateExpr) tree {
	if len(e.Parts) == 0 {
		return tree{"text", ""}
	}
	parts := many(e.Parts)
	if only := parts[0].(tree); len(parts) == 1 && only[0] == "text" {
		return only
	}
	return tree{"template", parts}
}

func steps(of tree, traversal hcl.Traversal) tree {
	for _, step := range traversal {
		switch s := step.(type) {
		case hcl.TraverseAttr:
			of = tree{"attribute", of, s.Name}
		case hcl.TraverseIndex:
			of = tree{"index", of, literal(s.Key)}
		default:
			panic(fmt.Sprintf("%T", step))
		}
	}
	return of
}

func literal(value cty.Value) tree {
	switch {
	case value.IsNull():
		return tree{"null"}
	case value.Type() == cty.String:
		return tree{"text", value.AsString()}
	case value.Type() == cty.Bool:
		return tree{"bool", value.True()}
	default:
		exact, _ := value.AsBigFloat().Rat(new(big.Rat))
		return tree{"number", exact.RatString()}
	}
}

func operator(op *hclsyntax.Operation) string {
	names := map[*hclsyntax.Operation]string{
		hclsyntax.OpLogicalOr: "||", hclsyntax.OpLogicalAnd: "&&", hclsyntax.OpLogicalNot: "!",
		hclsyntax.OpEqual: "==", hclsyntax.OpNotEqual: "!=",
		hclsyntax.OpGreaterThan: ">", hclsyntax.OpGreaterThanOrEqual: ">=",
		hclsyntax.OpLessThan: "<", hclsyntax.OpLessThanOrEqual: "<=",
		hclsyntax.OpAdd: "+", hclsyntax.OpSubtract: "-", hclsyntax.OpMultiply: "*",
		hclsyntax.OpDivide: "/", hclsyntax.OpModulo: "%", hclsyntax.OpNegate: "-",
	}
	return names[op]
}
