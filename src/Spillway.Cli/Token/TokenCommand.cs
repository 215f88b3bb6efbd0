using System.CommandLine;

namespace Spillway.Cli.Token;

/// <summary><c>spillway token</c>: tokens without a hub.</summary>
internal static class TokenCommand
{
    public static Command Create(Terminal terminal) => new("token", "Makes tokens for tests and small set-ups, takes them apart, and says what they allow.")
    {
        MintCommand.Create(terminal),
        InspectCommand.Create(terminal),
        ExplainCommand.Create(terminal),
    };
}
