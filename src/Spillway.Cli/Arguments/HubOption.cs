using System.CommandLine;
using System.Net.Http.Headers;

namespace Spillway.Cli.Arguments;

/// <summary>Which hub a command talks to, and what it presents there. No option takes a token itself: every user of the machine can read a command's arguments.</summary>
internal sealed class HubOption(Terminal terminal)
{
    public const string Variable = "SPILLWAY_HUB";
    public const string TokenVariable = "SPILLWAY_TOKEN";
    public const string Default = "http://127.0.0.1:8080";

    public Option<string?> Option { get; } = Values.Text("--hub", "URL", $"Where the hub is. Default: the environment variable {Variable}, else {Default}.");

    public Option<string?> TokenFile { get; } = Values.Text(
        "--token-file", "FILE", $"A file with the token or the API key to present to the hub. Default: the environment variable {TokenVariable}, else none.");

    /// <summary>Connections to the hub, with what is to be presented. The caller disposes them.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="timeout">How long a request may take.</param>
    /// <exception cref="UsageException">There is no such hub, or no such token.</exception>
    public HttpClient Connect(ParseResult result, TimeSpan timeout)
    {
        var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // A redirected POST becomes a GET, and a token is for one hub: better an error that names the address.
            ConnectTimeout = TimeSpan.FromSeconds(15),
            EnableMultipleHttp2Connections = true,
        })
        {
            BaseAddress = Read(result),
            Timeout = timeout,
        };
        http.DefaultRequestHeaders.Authorization = ReadToken(result) is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        return http;
    }

    /// <summary>
    /// What to present, read anew each time: whoever renews the token in its file need not start the command again. A file that cannot be read then counts as a connection that failed.
    /// </summary>
    public Func<CancellationToken, ValueTask<string?>> Credential(ParseResult result) => _ =>
    {
        try
        {
            return new(ReadToken(result));
        }
        catch (UsageException fault)
        {
            throw new IOException(fault.Message, fault);
        }
    };

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

    private string? ReadToken(ParseResult result)
    {
        var file = result.GetValue(TokenFile);
        string? token;
        try
        {
            token = (file is null ? terminal.Environment.GetValueOrDefault(TokenVariable) : File.ReadAllText(file))?.Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--token-file is \"{file}\", which cannot be read: {e.Message}");
        }

        if (file is null && string.IsNullOrEmpty(token))
        {
            return null;
        }

        return token!.Length > 0 && !token.AsSpan().ContainsAnyExceptInRange('!', '~') ? token
            : throw new UsageException($"{(file is null ? TokenVariable : $"--token-file is \"{file}\", which")} holds no token; give it one line of letters, digits and signs."); // Not shown: it may be a secret.
    }
}
