using System.Reflection;
using Spillway.Tests.Tidy;

namespace Spillway.Tests.PublicApi;

public sealed class PublicApiTests
{
    private const string Page = "tests/Spillway.Tests/PublicApi.approved.txt";

    [Fact]
    public void PublicApi_AllThatOthersCanUse_IsApproved()
    {
        var path = Path.Combine(Repository.Root, Page);
        var actual = ApiPrinter.Print(typeof(SpillwayOptions).Assembly) + "\n" + ApiPrinter.Print(Assembly.Load("Spillway.Client"));
        if (Environment.GetEnvironmentVariable("SPILLWAY_ACCEPT_API") == "1")
        {
            File.WriteAllText(path, actual);
        }

        var approved = File.ReadAllText(path);

        Assert.True(actual == approved, $"""
            The public surface is not the one in {Page} (- approved, + now):
            {Difference(approved, actual)}
            If the change is meant, run the command below and commit the file with it; else make the new type or member internal.
                SPILLWAY_ACCEPT_API=1 ./test {nameof(PublicApiTests)}
            """);
    }

    [Fact]
    public void Print_EveryKindOfMember_IsALineAsInCSharp()
    {
        Assert.Equal(
            [
                "abstract class Spillway.Tests.PublicApi.Sample : IDisposable",
                "    abstract Task<string?> D()",
                "    const long E = 5",
                "    event EventHandler? F",
                "    protected Sample(string b)",
                "    protected virtual bool G(ref int h, out string i, string? j = \"k\")",
                "    required IReadOnlyList<string?> J { get; init; }",
                "    static int? K { get; }",
                "    static readonly byte[] L",
                "    virtual void Dispose()",
            ],
            ApiPrinter.Print(typeof(Sample)));
    }

    [Fact]
    public void Difference_OneLineAnother_ShowsBothUnderTheirType()
    {
        Assert.Equal("  class A\n-     int B\n+     long B", Difference("class A\n    int B\n    C()\n", "class A\n    long B\n    C()\n"));
    }

    // Lines are compared as a set per type: they are sorted, so a change of a line is nothing but one less and one more.
    private static string Difference(string approved, string actual)
    {
        var (before, after) = (ByType(approved), ByType(actual));
        var lines = new List<string>();
        foreach (var type in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var (old, now) = (before.GetValueOrDefault(type, []), after.GetValueOrDefault(type, []));
            var changes = old.Except(now).Select(static line => "- " + line).Concat(now.Except(old).Select(static line => "+ " + line)).ToList();
            if (changes.Count > 0 || !before.ContainsKey(type) || !after.ContainsKey(type))
            {
                lines.Add((before.ContainsKey(type), after.ContainsKey(type)) switch { (true, true) => "  ", (true, false) => "- ", _ => "+ " } + type);
                lines.AddRange(changes);
            }
        }

        return string.Join('\n', lines);
    }

    private static Dictionary<string, List<string>> ByType(string text)
    {
        var types = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var members = new List<string>();
        foreach (var line in text.Split('\n').Where(static line => line.Length > 0))
        {
            if (line[0] == ' ')
            {
                members.Add(line);
            }
            else
            {
                members = types[line] = [];
            }
        }

        return types;
    }
}
