using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Spillway.Tests.Tidy;

/// <summary>A name in backticks, in docs/ or a README, that looks like a C# type still exists.</summary>
internal static partial class DocumentRule
{
    // Names that are not ours: of the browser, of .NET, of what we measure against.
    private static readonly HashSet<string> Foreign = new(StringComparer.Ordinal)
    {
        "AbortController", "ConfigureAwait", "EventSource", "GitHub", "HttpClient", "HttpContext", "InternalsVisibleTo", "JavaScript",
        "PostgreSQL", "ReadableStream", "SignalR", "TextDecoder", "TimeProvider", "TypeScript", "WebSocket",
    };

    public static bool Covers(string path) =>
        path.EndsWith(".md", StringComparison.Ordinal)
        && (path.StartsWith("docs/", StringComparison.Ordinal) || Path.GetFileName(path) == "README.md");

    /// <param name="path">The page.</param>
    /// <param name="text">Its text.</param>
    /// <param name="known">The names that code declares.</param>
    public static IEnumerable<Fault> Check(string path, string text, IReadOnlySet<string> known)
    {
        // Blocks of code keep their line breaks, so that the lines below them keep their numbers.
        var prose = Block().Replace(text, static block => new string('\n', block.Value.AsSpan().Count('\n')));
        return from Match match in TypeName().Matches(prose)
               let name = match.Groups[1].Value
               where !known.Contains(name) && !Foreign.Contains(name)
               select new Fault(path, Lines.At(prose, match.Index), $"{name} does not exist; write its new name, or what takes its place.");
    }

    /// <summary>The types and members that a file of C# or TypeScript declares.</summary>
    public static IEnumerable<string> Declared(string path, string text) => Path.GetExtension(path) switch
    {
        ".cs" => DeclaredInCSharp(text),
        ".ts" or ".js" => ScriptName().Matches(text).Select(static match => match.Groups[1].Value),
        _ => [],
    };

    private static IEnumerable<string> DeclaredInCSharp(string text) => Syntax.Parse(text).DescendantNodes().SelectMany(static node => node switch
    {
        BaseTypeDeclarationSyntax type => [type.Identifier.Text],
        DelegateDeclarationSyntax type => [type.Identifier.Text],
        MethodDeclarationSyntax method => [method.Identifier.Text],
        PropertyDeclarationSyntax property => [property.Identifier.Text],
        EnumMemberDeclarationSyntax member => [member.Identifier.Text],
        ParameterSyntax { Parent.Parent: RecordDeclarationSyntax } parameter => [parameter.Identifier.Text],
        BaseFieldDeclarationSyntax field => field.Declaration.Variables.Select(static variable => variable.Identifier.Text),
        _ => Enumerable.Empty<string>(),
    });

    // Two humps or more, or an I before the first: PushEvent, IBackplane. SSE and Accept are words.
    [GeneratedRegex("`((?:I(?=[A-Z]))?(?:[A-Z][a-z0-9]+){2,}|I[A-Z][a-z0-9]+)`")]
    private static partial Regex TypeName();

    [GeneratedRegex("^( *)```.*?^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\b(?:class|interface|type|enum|const|function)\s+([A-Z]\w+)")]
    private static partial Regex ScriptName();
}
