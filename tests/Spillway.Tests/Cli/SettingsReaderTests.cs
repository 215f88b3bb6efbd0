using Microsoft.Extensions.Logging;
using Spillway.Cli;
using Spillway.Cli.Serve;
using Spillway.Tests.Mercure;

namespace Spillway.Tests.Cli;

public sealed class SettingsReaderTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public static TheoryData<string, string> WrongOptions => new()
    {
        { "--urls ftp://127.0.0.1", "--urls (Spillway:Serve:Urls) is \"ftp://127.0.0.1\", which is not an http or https URL" },
        { "--urls http://127.0.0.1:99999", "which is not an http or https URL" },
        { "--urls http://127.0.0.1:1/path", "which has more than a host and a port" },
        { "--urls http://*:8080", "which means every address of this machine" },
        { "--urls http://localhost:0", "use http://127.0.0.1:0" },
        { "--urls http://0.0.0.0:8080", "--urls is \"http://0.0.0.0:8080\", which other machines can reach, but --access is open" },
        { "--urls http://127.0.0.1:1;http://example.com:8080", "--urls is \"http://example.com:8080\", which other machines can reach" },
        { "--urls http://[::]:8080 --access open", "which other machines can reach" },
        { "--urls https://127.0.0.1:8443", "--urls has \"https://127.0.0.1:8443\", but there is no certificate; name its file with --tls-certificate" },
        { "--urls http://127.0.0.1:1;https://127.0.0.1:2 --tls-key k.pem", "Spillway:Tls:Key is set, but Spillway:Tls:Certificate is not" },
        { "--tls-certificate c.pem", "--tls-certificate (Spillway:Tls:Certificate) is \"c.pem\", but no URL of --urls is https" },
        { "--urls https://127.0.0.1:0 --tls-certificate no-such-file.pem", "Spillway:Tls:Certificate is \"no-such-file.pem\", which cannot be read" },
        { "--access tokens", "Spillway:Access:Mode is tokens, but nobody could be let in" },
        { "--access tokens --urls http://0.0.0.0:8080", "Spillway:Access:Mode is tokens, but nobody could be let in" },
        { "--mercure-key short", "Spillway:Mercure:SubscriberKey is a secret of 5 bytes, and HS256 takes at least 32" },
        { "--mercure-key !ChangeThisMercureHubJWTSecretKey! --mercure-publisher-key brief", "spillway: Spillway:Mercure:PublisherKey is a secret of 5 bytes" },
        { "--mercure-publisher-key brief", "spillway: Spillway:Mercure:PublisherKey is a secret of 5 bytes" },
        { "--mercure-key !ChangeThisMercureHubJWTSecretKey! --access open", "Spillway:Mercure:Enabled is true, but Spillway:Access:Mode is open" },
        { "--config no-such-file.json", "--config is \"no-such-file.json\", which is no file" },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public async Task Serve_WrongOption_SaysWhatAndExitsWith2(string options, string expected)
    {
        var run = new CliRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync(["serve", .. options.Split(' ')]));
        Assert.Contains(expected, run.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(run.Out.ToString());
    }

    [Fact]
    public async Task Serve_FaultsInEverySource_AreToldAtOnce()
    {
        await File.WriteAllTextAsync(
            _file,
            """{"Spillway":{"Sse":{"KeepAlive":"0s","Kep":1}},"Logging":{"Level":"x"},"Kestrel":{"Certificates":{"Default":{"Path":"c.pem"}}}}""",
            TestContext.Current.CancellationToken);
        var run = new CliRun().With("SPILLWAY__Limits__EventBytes", "many").With("SPILLWAY__SERVE__LOGLEVEL", "loud").With("SPILLWAY__Serve__DebugEndpoints", "yes");

        Assert.Equal(ExitCode.Usage, await run.RunAsync("serve", "--config", _file, "--urls", "http://0.0.0.0:1"));

        string[] expected =
        [
            "Spillway:Sse:KeepAlive is ", "Spillway:Sse:Kep ", "Logging is no section", "Kestrel is no section; all options are in Spillway, certificates in Spillway:Tls", "Spillway:Limits:EventBytes is \"many\"",
            "Spillway:Serve:LogLevel is \"loud\"; give it trace",
            "Spillway:Serve:DebugEndpoints is \"yes\"; give it true or false.", "http://0.0.0.0:1",
        ];
        Assert.All(expected, each => Assert.Contains(run.Error.Lines, line => line.Contains(each, StringComparison.Ordinal)));
        Assert.Equal(expected.Length + 1, run.Error.Lines.Length);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("10.1")]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    [InlineData("10.0.0.0/33")]
    [InlineData("")]
    public void Read_ProxyThatIsNoAddress_IsTold(string trusted)
    {
        var fault = Assert.Single(Assert.Throws<UsageException>(() => SettingsReader.Read(new Dictionary<string, string>(), null, Tokens(trusted))).Faults);

        Assert.StartsWith($"Spillway:Proxies:Trusted:0 is \"{trusted}\"; give it an address or a network", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.7")]
    [InlineData("10.0.0.0/24")]
    [InlineData("::1")]
    [InlineData("2001:DB8::/32")]
    public void Read_ProxyWithAnAddress_IsTrusted(string trusted)
    {
        Assert.Equal([trusted], SettingsReader.Read(new Dictionary<string, string>(), null, Tokens(trusted)).Proxies.Trusted);
    }

    [Fact]
    public void Read_ProxyOfAnOpenHub_IsRefused()
    {
        var options = Tokens("10.0.0.7");
        options[SettingsReader.AccessKey] = "open";

        var fault = Assert.Single(Assert.Throws<UsageException>(() => SettingsReader.Read(new Dictionary<string, string>(), null, options)).Faults);

        Assert.Contains("such a hub answers no proxy", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_OptionsOfTlsThatDoNotFit_AreToldAtOnce()
    {
        await File.WriteAllTextAsync(
            _file,
            """{"Spillway":{"Serve":{"Urls":"https://127.0.0.1:0"},"Tls":{"Certificate":"c.pem","Password":"secret","PasswordFile":"p","ClientCertificates":"required","ReloadEvery":"2h","Hsts":"-1s","Cert":"x","ClientRevocation":"maybe"}}}""",
            TestContext.Current.CancellationToken);
        var run = new CliRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync("serve", "--config", _file));

        string[] expected =
        [
            "Spillway:Tls:Password and Spillway:Tls:PasswordFile are both set", "Spillway:Tls:ClientCertificates is required, but nobody is trusted", "Spillway:Tls:ReloadEvery is 2h; give it 100ms to 1h",
            "Spillway:Tls:Hsts is ", "Spillway:Tls:Cert (\"x\") is no option", "Spillway:Tls:ClientRevocation is \"maybe\"; give it none or offline or online",
        ];
        Assert.All(expected, each => Assert.Contains(run.Error.Lines, line => line.Contains(each, StringComparison.Ordinal)));
        Assert.Equal(expected.Length + 1, run.Error.Lines.Length);
        Assert.DoesNotContain("secret", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"Spillway\":")]
    [InlineData("[]")]
    [InlineData("{\"a\":1,\"A\":2}")]
    public async Task Serve_FileThatIsNoConfiguration_SaysWhatAndExitsWith2(string json)
    {
        await File.WriteAllTextAsync(_file, json, TestContext.Current.CancellationToken);
        var run = new CliRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync("serve", "--config", _file));
        Assert.StartsWith($"spillway: --config is \"{_file}\", which is not the JSON of a configuration: ", run.Error.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SameKeyInEverySource_OptionWinsOverEnvironmentOverFile()
    {
        File.WriteAllText(_file, """
            {"Spillway":{"Serve":{"Urls":["http://127.0.0.1:1","http://[::1]:2"],"LogFormat":"json","LogLevel":"error","DebugEndpoints":true},"History":{"Data":"of-file"},"Sse":{"AcceptRate":1},"Limits":{"Topics":3}}}
            """);
        var environment = new Dictionary<string, string>
        {
            ["SPILLWAY__Serve__LogLevel"] = "debug",
            ["spillway__sse__acceptrate"] = "2",
            ["SPILLWAY__HISTORY__DATA"] = "of-environment",
            ["SPILLWAY_HUB"] = "http://127.0.0.1:3",
            ["URLS"] = "http://127.0.0.1:4",
        };

        var settings = SettingsReader.Read(environment, _file, new Dictionary<string, string?> { [SettingsReader.DataKey] = "memory", [SettingsReader.UrlsKey] = null });

        Assert.Equal(["http://127.0.0.1:1/", "http://[::1]:2/"], settings.Urls.Select(static url => url.ToString()));
        Assert.Equal((true, LogLevel.Debug, true), (settings.JsonLogs, settings.LogLevel, settings.DebugEndpoints));
        Assert.Equal(("memory", "2", "3"), (settings.Configuration["Spillway:History:Data"], settings.Configuration["Spillway:Sse:AcceptRate"], settings.Configuration["Spillway:Limits:Topics"]));
    }

    [Theory]
    [InlineData(null, null, "tokens")]
    [InlineData("SPILLWAY__ACCESS__MODE", "tokens", "tokens")]
    [InlineData("SPILLWAY__ACCESS__MODE", "open", "open")]
    public void Read_MercureKeyWithoutAccess_IsAHubOfTokensUnlessItIsSaid(string? variable, string? value, string expected)
    {
        var environment = new Dictionary<string, string>();
        if (variable is not null)
        {
            environment[variable] = value!;
        }

        var options = new Dictionary<string, string?>
        {
            [SettingsReader.MercureEnabledKey] = "true",
            [SettingsReader.MercureSubscriberKeyKey] = MercureTokens.SubscriberKey,
            [SettingsReader.MercurePublisherKeyKey] = null,
        };

        if (expected == "open")
        {
            Assert.Contains("Access:Mode is open", Assert.Throws<UsageException>(() => SettingsReader.Read(environment, null, options)).Message, StringComparison.Ordinal);
            return;
        }

        var settings = SettingsReader.Read(environment, null, options);

        Assert.Equal((false, expected), (settings.IsOpen, settings.Configuration["Spillway:Access:Mode"]));
    }

    [Fact]
    public void Read_MercureByFileAndEnvironment_IsBound()
    {
        File.WriteAllText(_file, """{"Spillway":{"Access":{"Mode":"tokens"},"Mercure":{"Enabled":true,"Url":"https://hub.example/.well-known/mercure","Dialects":"classic"}}}""");
        var environment = new Dictionary<string, string> { ["SPILLWAY__Mercure__SubscriberKey"] = MercureTokens.SubscriberKey };

        var settings = SettingsReader.Read(environment, _file, new Dictionary<string, string?>());

        Assert.Equal(("true", MercureTokens.SubscriberKey, "classic"), (
            settings.Configuration["Spillway:Mercure:Enabled"]!.ToLowerInvariant(), settings.Configuration["Spillway:Mercure:SubscriberKey"], settings.Configuration["Spillway:Mercure:Dialects"]));
    }

    [Fact]
    public void Read_UrlsAsOption_ReplaceTheFilesList()
    {
        File.WriteAllText(_file, """{"Spillway":{"Serve":{"Urls":["http://127.0.0.1:1"]}}}""");

        var settings = SettingsReader.Read(
            new Dictionary<string, string>(), _file, new Dictionary<string, string?> { [SettingsReader.UrlsKey] = "http://127.0.0.1:5; http://app.localhost:6" });

        Assert.Equal([5, 6], settings.Urls.Select(static url => url.Port));
    }

    [Fact]
    public void Read_Nothing_IsTheDefault()
    {
        var settings = SettingsReader.Read(new Dictionary<string, string>(), null, new Dictionary<string, string?>());

        Assert.Equal(("http://127.0.0.1:8080", false, LogLevel.Information), (Assert.Single(settings.Urls).OriginalString, settings.JsonLogs, settings.LogLevel));
    }

    public void Dispose() => File.Delete(_file);

    private static Dictionary<string, string?> Tokens(string trusted) => new()
    {
        [SettingsReader.AccessKey] = "tokens",
        ["Spillway:Access:Anonymous:Subscribe:0"] = "a",
        ["Spillway:Proxies:Trusted:0"] = trusted,
    };
}
