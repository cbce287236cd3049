-- Scores each radiograph (CR, DX, DR, RG) that Orthanc stores, by the command, and puts a structured report and a picture of where the
-- model looked into its study. Research only, not for medical use.
--
-- In the environment: SEVERITY, the command (else 'severity' of the path); SEVERITY_OPTIONS, more options for 'severity predict'.

local command = os.getenv('SEVERITY') or 'severity'
local options = os.getenv('SEVERITY_OPTIONS') or ''
-- By the modality: some archives keep radiographs as Secondary Captures.
local radiographs = { CR = true, DX = true, DR = true, RG = true }

local function read(path)
  local file = io.open(path, 'rb')
  if not file then return nil end
  local content = file:read('*a')
  file:close()
  return content
end

-- Orthanc calls this in a thread of its own, one image after the other: senders do not wait for it.
function OnStoredInstance(instanceId, tags, metadata, origin)
  if not radiographs[tags['Modality']] then return end
  local base = os.tmpname()
  local image, report, map, log = base .. '.image.dcm', base .. '.report.dcm', base .. '.map.dcm', base .. '.log'
  local file = io.open(image, 'wb')
  file:write(RestApiGet('/instances/' .. instanceId .. '/file'))
  file:close()
  os.execute(string.format('"%s" predict %s --quiet "%s" --dicom-report "%s" --dicom-saliency "%s" > "%s" 2>&1',
    command, options, image, report, map, log))
  local stored = 0
  for _, path in ipairs({report, map}) do
    local result = read(path)
    if result then
      RestApiPost('/instances', result)
      stored = stored + 1
    end
  end
  if stored < 2 then
    PrintRecursive('severity: instance ' .. instanceId .. ': ' .. (read(log) or 'the command could not be run'))
  end
  for _, path in ipairs({base, image, report, map, log}) do os.remove(path) end
end
