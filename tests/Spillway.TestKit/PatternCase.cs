namespace Spillway.TestKit;

/// <summary>A URL pattern of the file of cases, and what it says of topics.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="IsRefused">Whether it is none here.</param>
/// <param name="IsDisputed">Whether the other implementation says otherwise of the pattern itself.</param>
/// <param name="Topics">Topics, whether they match, and whether the other implementation says otherwise.</param>
internal sealed record PatternCase(string Pattern, bool IsRefused, bool IsDisputed, IReadOnlyList<(string Topic, bool Matches, bool IsDisputed)> Topics)
{
    /// <summary>The URL of the hub, to which patterns and topics are relative.</summary>
    public const string Hub = "https://hub.example/.well-known/mercure";

    /// <param name="root">The root of the repository.</param>
    public static IReadOnlyList<PatternCase> Read(string root) =>
    [
        .. File.ReadLines(Path.Combine(root, "tests/Spillway.Tests/Mercure/Patterns/urlPatterns.txt"))
            .Where(static line => line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal))
            .Select(static line => Parse(line.Split('\t'))),
    ];

    private static PatternCase Parse(string[] columns) => columns[1][0] == '!'
        ? new PatternCase(columns[0], true, columns[1] == "!~", [])
        : new PatternCase(columns[0], false, false, [.. columns.Skip(1).Select(Verdict)]);

    private static (string Topic, bool Matches, bool IsDisputed) Verdict(string column) =>
        column is [_, '~', ..] ? (column[2..], column[0] == '+', true) : (column[1..], column[0] == '+', false);
}
