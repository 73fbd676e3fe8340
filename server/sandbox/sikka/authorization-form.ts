import { html } from 'hono/html'
import { authorizationPath, type AuthorizationRequest } from './authorization-request.ts'
import { page, type Markup } from './page.ts'
import { practicesOnOffer } from './practices.ts'
import { fieldOf, inputOf, shownField } from './scenario-form.ts'
import { Scenario, switchNames, type SwitchName } from './scenario.ts'

const pmsTypes = ['Dentrix', 'Eaglesoft', 'Open Dental', 'Curve Dental', 'Dentrix Ascend', 'PracticeWorks']

/** The page with Allow and Deny, its switches set as the global scenario is. */
export function formPage(request: AuthorizationRequest, scenario: Scenario): Markup {
  return page(
    'Authorize an application',
    html`<p>The application <strong>${request.appId}</strong> asks for access to your practice.</p>
      <form method="post" action="${authorizationPath}">
        <input type="hidden" name="app_id" value="${request.appId}" />
        <input type="hidden" name="redirect_uri" value="${request.redirectUri}" />
        ${request.state === undefined ? '' : html`<input type="hidden" name="state" value="${request.state}" />`}
        <label for="practice">Practice</label>
        <select id="practice" name="practice">
          ${practicesOnOffer.map(
            ({ officeId, practiceName, pmsType }) =>
              html`<option value="${officeId}">${practiceName} (${pmsType}, office ${officeId})</option>`,
          )}
        </select>
        <label for="pms_type">PMS type</label>
        <input id="pms_type" name="pms_type" list="pms_types" aria-describedby="pms_type_hint" autocomplete="off" />
        <small id="pms_type_hint">Leave it empty for the practice's own.</small>
        <datalist id="pms_types">${pmsTypes.map((pmsType) => html`<option value="${pmsType}"></option>`)}</datalist>
        <button name="decision" value="allow">Allow</button>
        <button name="decision" value="deny">Deny</button>
        <details>
          <summary>Scenarios</summary>
          <p>How the stand-in behaves towards this authorization. What you change here holds for it alone.</p>
          <input type="hidden" name="${shownField}" value="${JSON.stringify(scenario)}" />
          ${switchNames.map((name) => switchControl(name, scenario[name]))}
        </details>
      </form>`,
  )
}

function switchControl(name: SwitchName, value: Scenario[SwitchName]): Markup {
  const field = fieldOf(name)
  return html`<label for="${field}">${name}</label>
    ${control(name, field, String(value ?? ''))}
    <small id="${field}.hint">${Scenario.shape[name].description}</small>`
}

function control(name: SwitchName, field: string, value: string): Markup {
  const input = inputOf(name)
  if (input.kind !== 'pick') {
    const type = input.kind
    return html`<input
      id="${field}"
      name="${field}"
      type="${type}"
      value="${value}"
      aria-describedby="${field}.hint"
    />`
  }
  return html`<select id="${field}" name="${field}" aria-describedby="${field}.hint">
    ${input.options.map((option) =>
      option === value ? html`<option selected>${option}</option>` : html`<option>${option}</option>`,
    )}
  </select>`
}
