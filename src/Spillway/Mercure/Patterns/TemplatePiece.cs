namespace Spillway.Mercure.Patterns;

/// <summary>A piece of a URI template: text, or an expression.</summary>
/// <param name="Text">The text; empty of an expression.</param>
/// <param name="Operator">Of an expression; null of text.</param>
/// <param name="Variables">Of an expression.</param>
internal sealed record TemplatePiece(string Text, TemplateOperator? Operator, IReadOnlyList<TemplateVariable> Variables);
