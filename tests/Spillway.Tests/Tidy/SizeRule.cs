using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Spillway.Tests.Tidy;

/// <summary>A file has at most 300 lines, a method 70.</summary>
internal static class SizeRule
{
    private const int FileLines = 300;
    private const int MethodLines = 70;

    public static IEnumerable<Fault> Check(string path, string text)
    {
        var lines = Lines.Count(text);
        if (lines > FileLines)
        {
            yield return new Fault(path, FileLines + 1, $"The file has {lines} lines; the limit is {FileLines}. Divide it by what its parts are for.");
        }

        foreach (var (node, name, height) in Methods(Syntax.Parse(text)).Where(static method => method.Height > MethodLines))
        {
            yield return new Fault(path, node.Line(), $"{name} has {height} lines; the limit is {MethodLines}. Move plain work into methods below it.");
        }
    }

    private static IEnumerable<(SyntaxNode Node, string Name, int Height)> Methods(CompilationUnitSyntax root)
    {
        foreach (var node in root.DescendantNodes())
        {
            var name = node switch
            {
                MethodDeclarationSyntax method => method.Identifier.Text,
                ConstructorDeclarationSyntax method => method.Identifier.Text,
                LocalFunctionStatementSyntax method => method.Identifier.Text,
                BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or PropertyDeclarationSyntax { ExpressionBody: not null } => "The member",
                _ => null,
            };
            if (name is not null)
            {
                yield return (node, name, node.Height());
            }
        }

        // The statements of a Program.cs are one method, whatever stands between them.
        if (root.Members.OfType<GlobalStatementSyntax>().ToList() is [var first, ..] statements)
        {
            yield return (first, "The program", statements.Sum(static statement => statement.Height()));
        }
    }
}
