using System.CommandLine;

namespace Spillway.Cli.Arguments;

/// <summary>Which hub a command talks to.</summary>
internal sealed class HubOption(Terminal terminal)
{
    public const string Variable = "SPILLWAY_HUB";
    public const string Default = "http://127.0.0.1:8080";

    public Option<string?> Option { get; } = Values.Text("--hub", "URL", $"Where the hub is. Default: the environment variable {Variable}, else {Default}.");

    /// <summary>The address, by option, environment or default.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public Uri Read(ParseResult result)
    {
        var given = result.GetValue(Option);
        var (source, text) = given is not null ? ("--hub", given)
            : terminal.Environment.TryGetValue(Variable, out var variable) && variable.Length > 0 ? (Variable, variable)
            : ("--hub", Default);
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : throw new UsageException($"{source} is \"{text}\"; give it an http or https URL, for example {Default}.");
    }
}
