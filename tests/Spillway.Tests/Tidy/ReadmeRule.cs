namespace Spillway.Tests.Tidy;

/// <summary>Every project under src/, and every folder of the engine, has a README of at most 12 lines.</summary>
internal static class ReadmeRule
{
    private const int Limit = 12;

    public static IEnumerable<Fault> Check(IReadOnlyCollection<SourceFile> files)
    {
        var code = files.Where(static file => file.Path.StartsWith("src/", StringComparison.Ordinal)
            && Path.GetExtension(file.Path) is ".cs" or ".csproj").Select(static file => file.Path.Split('/')).ToList();
        var projects = code.Where(static parts => parts.Length > 2).Select(static parts => $"src/{parts[1]}");
        var stages = code.Where(static parts => parts.Length > 3 && parts[1] == "Spillway").Select(static parts => $"src/Spillway/{parts[2]}");
        foreach (var folder in projects.Concat(stages).Distinct(StringComparer.Ordinal))
        {
            var path = $"{folder}/README.md";
            var readme = files.FirstOrDefault(file => file.Path == path);
            if (readme is null)
            {
                yield return new Fault(path, 1, "The README is missing: say what comes in, what goes out, what must stay true, which file to read first.");
            }
            else if (Lines.Count(readme.Text) > Limit)
            {
                yield return new Fault(path, Limit + 1, $"The README has {Lines.Count(readme.Text)} lines; the limit is {Limit}. What needs more goes to docs/.");
            }
        }
    }
}
