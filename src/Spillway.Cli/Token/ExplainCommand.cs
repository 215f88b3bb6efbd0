using System.CommandLine;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Access;
using Spillway.Access.Tokens;
using Spillway.Cli.Arguments;
using Spillway.Cli.Serve;
using Spillway.Events;

namespace Spillway.Cli.Token;

/// <summary><c>spillway token explain</c>.</summary>
internal sealed class ExplainCommand(Terminal terminal)
{
    private readonly Argument<string?> _token = TokenInput.Argument();
    private readonly Option<string?> _topic = Values.Text("--topic", "TOPIC", "The topic; to subscribe, also a pattern. Has to be given.");
    private readonly Option<bool> _publish = Values.Flag("--publish", "Asks about publishing instead of subscribing. Default: off.");
    private readonly Option<string?> _config = Values.Text(
        "--config", "FILE", "The JSON file that serve is given, with Spillway:Access:Issuers. Environment variables win over it. Default: none.");

    private readonly Option<string?> _certificate = Values.Text("--certificate", "FILE", "A client certificate in PEM, to be explained in a token's place. Default: none.");

    public static Command Create(Terminal terminal)
    {
        var self = new ExplainCommand(terminal);
        var command = new Command("explain", "Says whether a token, an API key or a client certificate would be let in to a topic, by which grant, or else why not; ends with 1 if not.")
        {
            self._token, self._topic, self._publish, self._config, self._certificate,
        };
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var topic = result.GetValue(_topic) ?? throw new UsageException("--topic is missing; name the topic that the token is for.");
        var publish = result.GetValue(_publish);
        var pattern = ReadTopic(topic, publish);
        var options = ReadOptions(result.GetValue(_config));
        var validated = await ValidateAsync(result, options.Access, cancellationToken);
        var now = terminal.Clock.GetUtcNow();
        if (!validated.IsGood || validated.Ticket.HasExpired(now))
        {
            await terminal.Out.WriteLineAsync(validated.IsGood ? $"no: it was good until {Timestamp.Format(validated.Ticket.Expires!.Value)}." : $"no: {validated.Text}");
            return ExitCode.Failure;
        }

        var granted = pattern is null ? ExplainTopic(validated.Ticket, topic, publish) : ExplainPattern(validated.Ticket, pattern, options.Limits.SelectorsInBody);
        await terminal.Out.WriteLineAsync(granted is null ? $"no: {Refusal(validated.Ticket, topic, publish)}" : $"yes: {granted}");
        foreach (var line in Conditions(validated.Ticket))
        {
            await terminal.Out.WriteLineAsync($"  {line}");
        }

        return granted is null ? ExitCode.Failure : ExitCode.Success;
    }

    /// <summary>As a hub with these settings would judge it, wherever it comes from.</summary>
    private async Task<TokenResult> ValidateAsync(ParseResult result, AccessOptions options, CancellationToken cancellationToken)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new TokenMetrics(services.GetRequiredService<IMeterFactory>());
        await using var plan = AccessSetup.CreatePlan(options, metrics, terminal.Clock, NullLogger.Instance);
        if (result.GetValue(_certificate) is { } file)
        {
            using var certificate = TokenInput.ReadCertificate(file);
            return plan.Validate(certificate, terminal.Clock.GetUtcNow());
        }

        var token = await TokenInput.ReadAsync(terminal, result.GetValue(_token), cancellationToken);
        return await plan.ValidateAsync(Encoding.UTF8.GetString(token), cancellationToken);
    }

    /// <summary>The pattern, where it is one; null for a topic.</summary>
    private static TopicPattern? ReadTopic(string topic, bool publish)
    {
        if (Topic.TryValidate(topic, out var fault))
        {
            return null;
        }

        return !publish && TopicPattern.TryParse(topic, out var pattern, out fault) ? pattern : throw new UsageException($"--topic is \"{topic}\", which {fault}.");
    }

    private SpillwayOptions ReadOptions(string? file)
    {
        var configuration = new SettingsSource(terminal.Environment, file, new Dictionary<string, string?>()).Read().Configuration;
        var options = new SpillwayOptions();
        SpillwayConfiguration.Bind(configuration, options, []);
        return options.Access is { Issuers.Count: 0, ApiKeys.Count: 0, ClientCertificates.Count: 0, Introspection.Url: null or "" }
            ? throw new UsageException("Spillway:Access:Issuers is empty, so no token is trusted, nor is anything else; set it in the file of --config. docs/security.md has an example.")
            : options;
    }

    /// <summary>What is granted, as a sentence; null where nothing is.</summary>
    private static string? ExplainTopic(AccessTicket ticket, string topic, bool publish)
    {
        var grant = (publish ? ticket.Publish : ticket.Subscribe).Find(Encoding.UTF8.GetBytes(topic));
        return grant is null ? null : $"\"{topic}\" may be {(publish ? "published" : "subscribed")} to, by the grant \"{grant}\".";
    }

    private static string? ExplainPattern(AccessTicket ticket, TopicPattern pattern, int most)
    {
        var reduction = ticket.Subscribe.Reduce(new SelectorSet([], [pattern]), most);
        return !reduction.IsGranted ? null
            : reduction.Granted.Patterns is [var only] && only.Text == pattern.Text ? $"\"{pattern.Text}\" may be subscribed to as a whole."
            : $"of \"{pattern.Text}\" this would be delivered: {Quoted(reduction.Granted.Patterns.Select(static part => part.Text))}.";
    }

    private static string Refusal(AccessTicket ticket, string topic, bool publish)
    {
        var grants = publish ? ticket.Publish : ticket.Subscribe;
        var (verb, word) = publish ? ("publishing", "published") : ("subscribing", "subscribed");
        return grants.IsEmpty ? $"it is good, but grants nothing for {verb}."
            : $"it is good, but \"{topic}\" may not be {word} to; for {verb} it grants {Quoted(grants.Texts)}.";
    }

    private static IEnumerable<string> Conditions(AccessTicket ticket)
    {
        yield return ticket.Kind switch
        {
            CredentialKind.ApiKey => $"API key of {Quoted(ticket.Subject)}",
            CredentialKind.Certificate => $"client certificate of {Quoted(ticket.Subject)}",
            _ => $"subject {Quoted(ticket.Subject)}, issuer {Quoted(ticket.Issuer)}, token id {Quoted(ticket.TokenId)}",
        };
        yield return ticket.Expires is { } end
            ? $"until {Timestamp.Format(end)}{(ticket.Kind is CredentialKind.Token or CredentialKind.Opaque ? ", the issuer's skew included" : "")}"
            : ticket.Kind == CredentialKind.ApiKey ? "for ever: its entry has no Expires" : "for ever: it has no exp";
        if (ticket.Address is { } address)
        {
            yield return $"only from {address}";
        }

        if (ticket.ClientId is { } client)
        {
            yield return $"only for the client {Quoted(client)}";
        }
    }

    private static string Quoted(IEnumerable<string> texts) => string.Join(", ", texts.Select(static text => $"\"{text}\""));

    // Names may hold what a terminal takes for a command; topics cannot.
    private static string Quoted(string? name) => name is null ? "none" : $"\"{ShownText.Of(name)}\"";
}
