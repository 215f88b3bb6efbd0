using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spillway.Cli.Arguments;

namespace Spillway.Cli.Admin;

/// <summary><c>spillway status</c>.</summary>
internal static class StatusCommand
{
    public static Command Create(Terminal terminal)
    {
        var hub = new HubOption(terminal);
        var json = Values.Flag("--json", "Prints the hub's answer as a line of JSON. Default: off.");
        var command = new Command("status", "Shows what a hub holds and serves.") { json, hub.Option, hub.TokenFile };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var admin = new AdminReader(hub.Connect(result, AdminReader.Patience), terminal.Command);
            var status = await admin.ReadAsync("admin/status", cancellationToken);
            await terminal.Out.WriteLineAsync(result.GetValue(json) ? JsonSerializer.Serialize(status) : Describe(status));
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>A line for each member, whichever the hub's version has.</summary>
    private static string Describe(JsonElement status)
    {
        var members = status.EnumerateObject().Select(static member => (Name: Words(member.Name), Value: Describe(member))).ToArray();
        var width = members.Max(static member => member.Name.Length);
        return string.Join(Environment.NewLine, members.Select(member => $"{member.Name.PadRight(width)}  {member.Value}"));
    }

    private static string Describe(JsonProperty member) => member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out var number)
        ? member.Name == "uptimeSeconds" ? TimeSpan.FromSeconds(number).ToString("c", CultureInfo.InvariantCulture) : number.ToString("N0", CultureInfo.InvariantCulture)
        : member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText();

    private static string Words(string name) => name == "uptimeSeconds" ? "uptime" : name;
}
