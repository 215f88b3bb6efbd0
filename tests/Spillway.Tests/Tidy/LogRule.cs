using System.Globalization;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Spillway.Tests.Tidy;

/// <summary>A log event of the engine has an id of its own, within its folder's range, in a file named Type.Log.cs.</summary>
internal static class LogRule
{
    private const string Engine = "src/Spillway/";

    // The first id of a thousand. Backplane and History share one: they are one stage.
    private static readonly Dictionary<string, int> Ranges = new(StringComparer.Ordinal)
    {
        ["Ingress"] = 1000,
        ["Backplane"] = 2000,
        ["History"] = 2000,
        ["Hub"] = 3000,
        ["Delivery"] = 4000,
        ["Transports"] = 5000,
        ["Access"] = 6000,
        ["Admission"] = 7000,
        ["Mercure"] = 8000,
        ["Operations"] = 9000,
        ["the root"] = 10_000,
    };

    public static IEnumerable<Fault> Check(IEnumerable<SourceFile> files)
    {
        var seen = new Dictionary<int, string>();
        foreach (var (path, text) in files.Where(static file => file.Path.StartsWith(Engine, StringComparison.Ordinal)))
        {
            foreach (var attribute in Syntax.Parse(text).DescendantNodes().OfType<AttributeSyntax>().Where(IsLoggerMessage))
            {
                var id = Id(attribute);
                if (CheckOne(path, id) is { } fault)
                {
                    yield return new Fault(path, attribute.Line(), fault);
                }
                else if (!seen.TryAdd(id!.Value, $"{path}:{attribute.Line()}"))
                {
                    yield return new Fault(path, attribute.Line(), $"The id {id} is taken by {seen[id.Value]}.");
                }
            }
        }
    }

    private static string? CheckOne(string path, int? id)
    {
        var parts = path[Engine.Length..].Split('/');
        var folder = parts.Length < 2 ? "the root" : parts[0];
        return (path.EndsWith(".Log.cs", StringComparison.Ordinal), id, Ranges.TryGetValue(folder, out var first)) switch
        {
            (false, _, _) => "A log event belongs into a file named Type.Log.cs.",
            (_, null, _) => "The log event has no id that is written as a number.",
            (_, _, false) => $"{folder} has no range of ids in {nameof(LogRule)}.cs: add one.",
            _ when id < first || id >= first + 1000 => $"The id {id} is not one of {folder}: those are {first} to {first + 999}.",
            _ => null,
        };
    }

    private static bool IsLoggerMessage(AttributeSyntax attribute) => attribute.Name.ToString() is "LoggerMessage" or "LoggerMessageAttribute";

    private static int? Id(AttributeSyntax attribute)
    {
        var arguments = attribute.ArgumentList?.Arguments ?? [];
        var argument = arguments.FirstOrDefault(static a => (a.NameEquals?.Name ?? a.NameColon?.Name)?.Identifier.Text is "EventId" or "eventId")
            ?? arguments.FirstOrDefault(static a => a.NameEquals is null && a.NameColon is null);
        return int.TryParse(argument?.Expression.ToString().Replace("_", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id : null;
    }
}
