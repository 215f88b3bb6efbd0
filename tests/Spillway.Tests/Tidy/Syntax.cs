using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Spillway.Tests.Tidy;

/// <summary>What several rules ask of C# text.</summary>
internal static class Syntax
{
    public static CompilationUnitSyntax Parse(string text) =>
        CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.None)).GetCompilationUnitRoot();

    /// <summary>The line on which a node begins, from 1.</summary>
    public static int Line(this SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    /// <summary>The number of lines a node covers, without the comments above it.</summary>
    public static int Height(this SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    /// <summary>The types and delegates that a file declares, nested ones too.</summary>
    public static IEnumerable<(string Name, SyntaxNode Node)> Types(SyntaxNode root) => root.DescendantNodes().Select(static node => node switch
    {
        BaseTypeDeclarationSyntax type => (type.Identifier.Text, node),
        DelegateDeclarationSyntax type => (type.Identifier.Text, node),
        _ => ("", node),
    }).Where(static type => type.Item1.Length > 0);
}
