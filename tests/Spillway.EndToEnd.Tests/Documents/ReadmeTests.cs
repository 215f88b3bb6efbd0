using System.Text.RegularExpressions;
using Spillway.EndToEnd.Tests.Cli;
using Spillway.EndToEnd.Tests.Demo;

namespace Spillway.EndToEnd.Tests.Documents;

/// <summary>What README.md tells a newcomer to type does what it says.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task Readme_LinesToType_PublishToEachOther()
    {
        var (process, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var hub = process;
        var lines = Typed().Matches(await File.ReadAllTextAsync(Path.Combine(Tree.Root, "README.md"), TestContext.Current.CancellationToken))
            .Select(match => match.Groups["line"].Value.Trim())
            .Select(line => line.StartsWith("curl", StringComparison.Ordinal)
                ? line.Replace("http://127.0.0.1:8080", url, StringComparison.Ordinal)
                : $"{line.Replace("./spillway", CommandProcess.Executable, StringComparison.Ordinal)} --hub {url}").ToArray();
        var followers = lines.Where(static line => line.Contains("pattern", StringComparison.Ordinal)).Select(static line => new FollowedCommand(line)).ToArray();
        var publishers = lines.Where(static line => !line.Contains("pattern", StringComparison.Ordinal)).ToArray();
        Assert.Equal((2, 2), (followers.Length, publishers.Length));

        try
        {
            await followers[0].ReadUntilAsync("connected to");
            await followers[1].ReadUntilAsync("event: spillway-open");
            foreach (var line in publishers)
            {
                using var publisher = new FollowedCommand(line);
                await publisher.ReadUntilAsync("accepted");
                foreach (var follower in followers)
                {
                    await follower.ReadUntilAsync("paid");
                }
            }
        }
        finally
        {
            Array.ForEach(followers, static follower => follower.Dispose());
        }
    }

    // Lines of a block of shell, and curl in the text; what begins or ends a hub has tests of its own.
    [GeneratedRegex(@"^(?<line>\./spillway (publish|subscribe) [^#\n]*)|`(?<line>curl [^`]*)`", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Typed();
}
