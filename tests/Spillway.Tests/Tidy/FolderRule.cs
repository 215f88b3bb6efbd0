using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Spillway.Tests.Tidy;

/// <summary>
/// Namespaces follow folders, and a folder of the engine uses only those that the table allows. The table of the style guide, once, for the machine;
/// whoever needs another one changes it here in the same commit, and says why.
/// </summary>
internal static class FolderRule
{
    private const string Engine = "src/Spillway/";

    // What every folder may use.
    private static readonly string[] Common = ["Diagnostics", "Problems"];

    // "+X" stands for X and what X may use.
    private static readonly Dictionary<string, string> Allowed = new(StringComparer.Ordinal)
    {
        ["Diagnostics"] = "",
        ["Problems"] = "", // One shape of refusal for all edges, RFC 9457.
        ["Events"] = "",
        ["Configuration"] = "Events",
        ["Access"] = "Events",
        ["History"] = "Events",
        ["Backplane"] = "Events History",
        ["Delivery"] = "Events History",
        ["Hub"] = "Events Backplane History Delivery",
        ["Admission"] = "Events Delivery",
        ["Ingress"] = "Events Access Admission Backplane",
        ["Transports"] = "Events Access Admission Hub Delivery",
        ["Mercure"] = "+Ingress +Transports History", // Whether all that followed an id is still there is history's to say.
        ["Operations"] = "+Ingress +Transports History",
    };

    public static IEnumerable<Fault> Check(string path, string text)
    {
        var root = Syntax.Parse(text);
        return CheckNamespace(path, root).Concat(path.StartsWith(Engine, StringComparison.Ordinal) ? CheckUses(path, root) : []);
    }

    private static IEnumerable<Fault> CheckNamespace(string path, CompilationUnitSyntax root)
    {
        var parts = path.Split('/');
        if (parts.Length < 3 || !parts[1].StartsWith("Spillway", StringComparison.Ordinal))
        {
            yield break; // Not in a project that is named after its namespace.
        }

        var expected = string.Join('.', parts[1..^1]);
        foreach (var declaration in root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Where(node => node.Name.ToString() != expected))
        {
            yield return new Fault(path, declaration.Line(), $"The namespace is {declaration.Name}; the folder's is {expected}.");
        }
    }

    private static IEnumerable<Fault> CheckUses(string path, CompilationUnitSyntax root)
    {
        var parts = path[Engine.Length..].Split('/');
        if (parts.Length < 2)
        {
            yield break; // The public face may use everything.
        }

        var folder = parts[0];
        if (!Allowed.ContainsKey(folder))
        {
            yield return new Fault(path, 1, $"The folder {folder} has no row in the table of {nameof(FolderRule)}.cs: add it there, and say in the commit why.");
            yield break;
        }

        var allowed = Expand(folder);
        foreach (var (line, used) in Uses(root).Distinct().Where(use => use.Folder != folder && !allowed.Contains(use.Folder)))
        {
            yield return new Fault(path, line, $"{folder} uses {used}; it may use {string.Join(", ", allowed.Order(StringComparer.Ordinal))}.");
        }
    }

    // Using directives, and qualified names of types such as Hub.PushHub, which need none inside of the namespace Spillway.
    private static IEnumerable<(int Line, string Folder)> Uses(CompilationUnitSyntax root)
    {
        foreach (var node in root.DescendantNodes())
        {
            var name = node switch
            {
                UsingDirectiveSyntax { NamespaceOrType: { } type } => type.ToString(),
                QualifiedNameSyntax type when node.Parent is not (UsingDirectiveSyntax or QualifiedNameSyntax or BaseNamespaceDeclarationSyntax) => type.ToString(),
                MemberAccessExpressionSyntax access when access.ToString().StartsWith("Spillway.", StringComparison.Ordinal) => access.ToString(),
                _ => "",
            };
            var parts = name.Replace("global::", "", StringComparison.Ordinal).Split('.');
            var folder = parts[0] == "Spillway" && parts.Length > 1 ? parts[1] : parts[0];
            if (Allowed.ContainsKey(folder) && (parts.Length > 1 || node is UsingDirectiveSyntax))
            {
                yield return (node.Line(), folder);
            }
        }
    }

    private static HashSet<string> Expand(string folder)
    {
        var names = new HashSet<string>(Common, StringComparer.Ordinal);
        foreach (var entry in Allowed[folder].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            names.Add(entry.TrimStart('+'));
            if (entry[0] == '+')
            {
                names.UnionWith(Expand(entry[1..]));
            }
        }

        return names;
    }
}
