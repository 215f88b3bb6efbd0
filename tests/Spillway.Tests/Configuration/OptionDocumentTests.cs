using Spillway.Configuration;
using Spillway.Tests.Tidy;

namespace Spillway.Tests.Configuration;

/// <summary>docs/operations.md has a row for every option, with the default and range that the code has.</summary>
public sealed class OptionDocumentTests
{
    private const string Page = "docs/operations.md";

    private static readonly string[] Lines = Repository.Files.Single(static file => file.Path == Page).Text.Split('\n');

    public static TheoryData<string> Keys { get; } =
        [.. OptionShape.ValuesOf(typeof(SpillwayOptions), SpillwayOptions.Section).Select(static option => option.Key)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Page_EachOption_HasARowWithItsDefaultAndRange(string key)
    {
        var row = RowOf(key);

        Assert.True(Lines.Any(line => line.StartsWith(row, StringComparison.Ordinal)), $"{Page} lacks a row that begins with: {row}");
    }

    [Fact]
    public void Page_EachRowOfAnOption_HasAnOption()
    {
        var names = Lines.SkipWhile(static line => line != "## Options").TakeWhile(static line => line is "## Options" || !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).Select(static line => line.Split('`')[1]);

        Assert.Equal(Keys.Select(static row => NameOf(row.Data)).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    private static string RowOf(string key)
    {
        var property = OptionShape.ValuesOf(typeof(SpillwayOptions), SpillwayOptions.Section).Single(option => option.Key == key).Property;
        var value = property.GetValue(OwnerOf(key));
        return $"| `{NameOf(key)}` | {OptionText.Format(property, value)} | {OptionText.Wanted(property)} | ";
    }

    private static string NameOf(string key) => key[(SpillwayOptions.Section.Length + 1)..].Replace(":0:", ":N:", StringComparison.Ordinal);

    // The object with the defaults that holds a key's value.
    private static object OwnerOf(string key)
    {
        object owner = new SpillwayOptions();
        foreach (var name in key.Split(':')[1..^1])
        {
            var property = owner.GetType().GetProperty(name);
            owner = name == "0" ? owner
                : OptionShape.ElementOf(property!.PropertyType) is { } element ? Activator.CreateInstance(element)! : property.GetValue(owner)!;
        }

        return owner;
    }
}
