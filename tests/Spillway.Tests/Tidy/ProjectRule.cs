using System.Text.RegularExpressions;

namespace Spillway.Tests.Tidy;

/// <summary>A project under src/ refers only to the projects that the table allows.</summary>
internal static partial class ProjectRule
{
    public static IEnumerable<Fault> Check(string path, string text)
    {
        if (!path.StartsWith("src/", StringComparison.Ordinal) || !path.EndsWith(".csproj", StringComparison.Ordinal))
        {
            yield break;
        }

        var project = Path.GetFileNameWithoutExtension(path);
        foreach (Match match in Reference().Matches(text))
        {
            var used = Path.GetFileNameWithoutExtension(match.Groups[1].Value.Replace('\\', '/'));
            if (!IsAllowed(project, used))
            {
                yield return new Fault(path, Lines.At(text, match.Index), $"{project} refers to {used}, which the table in {nameof(ProjectRule)}.cs does not allow.");
            }
        }
    }

    private static bool IsAllowed(string project, string used) => project switch
    {
        "Spillway.Cli" => true,
        "Spillway.Ops" => used is "Spillway",
        "Spillway.Lab" => used is "Spillway.Client",
        _ => project.StartsWith("Spillway.Backplane.", StringComparison.Ordinal) && used is "Spillway",
    };

    [GeneratedRegex("<ProjectReference\\s+Include=\"([^\"]+)\"")]
    private static partial Regex Reference();
}
