# Builds Severity Engine on Windows. Usage: ./build.ps1 [build|test|pack|python|bench|clean|help]
[CmdletBinding()]
param(
    [Parameter(Position = 0)] [string] $Command = 'build',
    [Parameter(Position = 1, ValueFromRemainingArguments)] [string[]] $Rest = @()
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'
$configuration = 'Release'
# The processors that dist runs on; see build.sh.
$cpu = if ($env:SEVERITY_CPU) { $env:SEVERITY_CPU } else { 'x86-64-v3' }

function Show-Usage {
    @'
./build.ps1         checks the tools, restores, builds, publishes severity.exe, severity-server.exe, severity-parquet.exe and severity.dll in dist, and scores the samples
./build.ps1 test    the same, then every test; ends with "N passed, N failed, N skipped"
./build.ps1 pack    makes the NuGet packages (SeverityEngine, SeverityEngine.Models and what they need) in dist/nuget
./build.ps1 python  makes the wheel for Python in dist, with the library inside
./build.ps1 bench   runs the benchmarks; arguments go to BenchmarkDotNet (for example --filter '*Preprocess*')
./build.ps1 clean   removes everything that was built

SEVERITY_CPU        x86-64-v3 (the default) or x86-64-v2, for processors without AVX2
SEVERITY_TEST_DATA  the folder of reference data for the tests (default ../shared); tests that need it are skipped without it
'@
}

function Invoke-Checked([string] $Program, [string[]] $Arguments) {
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Program $($Arguments -join ' ') ended with $LASTEXITCODE" }
}

function Test-Tools {
    $missing = @()
    if (-not (Get-Command dotnet -ErrorAction SilentlyContinue) -or -not (dotnet --list-sdks | Select-String '^10\.')) {
        $missing += 'the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0 (winget install Microsoft.DotNet.SDK.10)'
    }
    $vswhere = "${env:ProgramFiles(x86)}\Microsoft Visual Studio\Installer\vswhere.exe"
    if (-not (Test-Path $vswhere) -or -not (& $vswhere -latest -products '*' -requires Microsoft.VisualStudio.Component.VC.Tools.x86.x64 -property installationPath)) {
        $missing += 'the C++ build tools, the linker of Native AOT: winget install Microsoft.VisualStudio.2022.BuildTools, with "Desktop development with C++"'
    }
    if ($missing) {
        [Console]::Error.WriteLine("Missing on this machine:`n  " + ($missing -join "`n  "))
        exit 2
    }
}

function Get-RuntimeIdentifier {
    switch ([System.Runtime.InteropServices.RuntimeInformation]::OSArchitecture) {
        'X64' { 'win-x64' }
        'Arm64' { 'win-arm64' }
        default { throw "no ONNX Runtime for $_; build on x64 or arm64" }
    }
}

function Publish-Engine {
    $rid = Get-RuntimeIdentifier
    $arguments = @('publish', 'src/SeverityEngine.Cli', '-c', $configuration, '-r', $rid, '-o', 'artifacts/cli', '--nologo', '-v', 'quiet')
    if ($rid -like '*-x64') { $arguments += "-p:IlcInstructionSet=$cpu" }
    Invoke-Checked dotnet $arguments
    New-Item -ItemType Directory -Force dist | Out-Null
    Copy-Item artifacts/cli/severity.exe dist/severity.exe -Force

    $arguments = @('publish', 'src/SeverityEngine.Server', '-c', $configuration, '-r', $rid, '-o', 'artifacts/server', '--nologo', '-v', 'quiet')
    if ($rid -like '*-x64') { $arguments += "-p:IlcInstructionSet=$cpu" }
    Invoke-Checked dotnet $arguments
    Copy-Item artifacts/server/severity-server.exe dist/severity-server.exe -Force

    $arguments[1] = 'src/SeverityEngine.Parquet'
    $arguments[7] = 'artifacts/parquet'
    Invoke-Checked dotnet $arguments
    Copy-Item artifacts/parquet/severity-parquet.exe dist/severity-parquet.exe -Force

    # The library behind a C ABI, with what its users build with.
    $arguments[1] = 'src/SeverityEngine.Native'
    $arguments[7] = 'artifacts/native'
    Invoke-Checked dotnet $arguments
    Copy-Item artifacts/native/severity.dll dist -Force
    Copy-Item (Get-ChildItem src/SeverityEngine.Native/bin -Recurse -Filter severity.lib | Sort-Object LastWriteTime | Select-Object -Last 1).FullName dist -Force
    Copy-Item artifacts/native/include, artifacts/native/pkgconfig, artifacts/native/cmake dist -Recurse -Force
}

function New-Packages {
    # From a clone of a published repository the packages name it, and their symbols lead debuggers to its sources.
    $published = if ("$(git remote get-url origin 2>$null)".StartsWith('https://')) { '-p:PublishRepositoryUrl=true', '-p:ContinuousIntegrationBuild=true' } else { @() }
    Remove-Item -Recurse -Force dist/nuget -ErrorAction SilentlyContinue
    foreach ($project in 'SeverityEngine.Core', 'SeverityEngine.Imaging', 'SeverityEngine.Onnx', 'SeverityEngine', 'SeverityEngine.Models',
        'SeverityEngine.Dicom', 'SeverityEngine.Batch', 'SeverityEngine.Evaluation') {
        Invoke-Checked dotnet (@('pack', "src/$project", '-c', $configuration, '-o', 'dist/nuget', '--nologo', '-v', 'quiet') + $published)
    }
    Get-ChildItem dist/nuget | ForEach-Object Name
}

function Invoke-Samples {
    $samples = @(Get-ChildItem tests/samples -File | Where-Object Extension -In '.jpg', '.png' | Sort-Object Extension, Name | ForEach-Object { "tests/samples/$($_.Name)" })
    "`n> dist/severity predict $($samples -join ' ')"
    Invoke-Checked dist/severity.exe (@('predict') + $samples)
    "`nBuilt dist/severity.exe ($([math]::Floor((Get-Item dist/severity.exe).Length / 1MB)) MiB). Try it: dist/severity predict YOUR-XRAY"
}

function Invoke-Tests {
    Invoke-Checked dotnet @('format', 'SeverityEngine.sln', '--verify-no-changes', '--no-restore')
    $passed = 0; $failed = 0; $skipped = 0; $bad = $false
    foreach ($project in Get-ChildItem tests -Directory -Filter '*.Tests') {
        $lines = @(& "$($project.FullName)/bin/$configuration/net10.0/$($project.Name).exe" -noColor -noLogo -longRunning 300 | ForEach-Object { Write-Host $_; $_ })
        if ($LASTEXITCODE -ne 0) { $bad = $true }
        $line = $lines | Select-String 'Total: (\d+), Errors: (\d+), Failed: (\d+), Skipped: (\d+)' | Select-Object -Last 1
        if (-not $line) { [Console]::Error.WriteLine("$($project.Name): no test summary"); $failed++; $bad = $true; continue }
        $total, $errors, $fails, $skips = $line.Matches[0].Groups[1..4].Value | ForEach-Object { [int] $_ }
        if ($total -eq 0) { $bad = $true }
        $passed += $total - $fails - $skips; $failed += $fails + $errors; $skipped += $skips
    }
    "`n$passed passed, $failed failed, $skipped skipped"
    if ($bad -or $failed -gt 0) { exit 1 }
}

function Build-Engine {
    Invoke-Checked dotnet @('restore', 'SeverityEngine.sln', '-v', 'quiet')
    Invoke-Checked dotnet @('build', 'SeverityEngine.sln', '-c', $configuration, '--no-restore', '--nologo', '-v', 'quiet')
    Publish-Engine
}

switch ($Command) {
    'build' { Test-Tools; Build-Engine; Invoke-Samples }
    'test' { Test-Tools; Build-Engine; Invoke-Samples; Invoke-Tests }
    'pack' { Test-Tools; New-Packages }
    'python' { Test-Tools; Build-Engine; Invoke-Checked python @('-B', 'python/build_wheel.py', 'dist/severity.dll', 'dist') }
    'bench' { Test-Tools; Invoke-Checked dotnet (@('run', '--project', 'bench/SeverityEngine.Benchmarks', '-c', $configuration, '--') + $Rest) }
    'clean' {
        Remove-Item -Recurse -Force dist, artifacts -ErrorAction SilentlyContinue
        Get-ChildItem -Recurse -Directory -Include bin, obj | Remove-Item -Recurse -Force
    }
    'help' { Show-Usage }
    default { Show-Usage; exit 2 }
}
