using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Spillway.Cli.Doctor;

/// <summary>What was found, for people and for programs.</summary>
internal sealed class HostReport(int connections, IReadOnlyList<Finding> findings)
{
    private const string SettingsFile = "/etc/sysctl.d/60-spillway.conf";

    private static readonly JsonSerializerOptions Legible = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // Commands are to be read and copied.

    /// <summary>Whether nothing is short. What is not known is not held against a host.</summary>
    public bool IsFine => findings.All(static finding => finding.State != FindingState.Short);

    /// <summary>The command that keeps all changed kernel settings over a restart; null where none has to be changed.</summary>
    private string? Keep => findings.Where(static finding => finding.Setting is not null).Select(static finding => $"'{finding.Subject} = {finding.Setting}'").ToArray() is { Length: > 0 } lines
        ? $"printf '%s\\n' {string.Join(' ', lines)} > {SettingsFile}" : null;

    public string ToText()
    {
        const int Indent = 9;
        var text = new StringBuilder();
        foreach (var finding in findings)
        {
            text.AppendLine($"{NameOf(finding.State).PadRight(Indent)}{finding.Subject}: {finding.Text}");
            foreach (var command in finding.Mending)
            {
                text.Append(' ', Indent).AppendLine(command);
            }
        }

        if (Keep is { } keep)
        {
            text.AppendLine("What sysctl -w sets ends with a restart of the machine. To keep it:").Append(' ', Indent).AppendLine(keep);
        }

        return text.Append(Sum()).ToString();
    }

    public string ToJson() => new JsonObject
    {
        ["connections"] = connections,
        ["fine"] = IsFine,
        ["findings"] = new JsonArray([.. findings.Select(ToJson)]),
        ["keep"] = Keep,
    }.ToJsonString(Legible);

    private static JsonObject ToJson(Finding finding) => new()
    {
        ["subject"] = finding.Subject,
        ["state"] = NameOf(finding.State),
        ["there"] = finding.There,
        ["needed"] = finding.Needed,
        ["text"] = finding.Text,
        ["mending"] = new JsonArray([.. finding.Mending.Select(static command => JsonValue.Create(command))]),
    };

    private string Sum()
    {
        var (missing, unknown) = (CountOf(FindingState.Short), CountOf(FindingState.Unknown));
        var shortfalls = missing switch { 0 => "No shortfall", 1 => "1 shortfall", _ => $"{missing} shortfalls" };
        return $"{shortfalls} for {Finding.Number(connections)} {(connections == 1 ? "connection" : "connections")}{(unknown > 0 ? $"; {unknown} not known" : "")}.";
    }

    private int CountOf(FindingState state) => findings.Count(finding => finding.State == state);

    private static string NameOf(FindingState state) => state switch
    {
        FindingState.Fine => "fine",
        FindingState.Short => "short",
        FindingState.Note => "note",
        _ => "unknown",
    };
}
